import type { Aliases } from '../aliases/aliases.ts'
import type { Answer } from '../http/answer.ts'
import type { Call, CallOptions } from '../http/call.ts'
import type { Image } from '../model/image.ts'

/** The calls of a client that locks need. */
export interface LockPlace {
  readonly name: string
  readonly aliases: Aliases
  readonly images: { find(fingerprint: string, options?: CallOptions): Promise<Image | undefined> }
  /** Sends one request, as `Client.request` does. */
  request(call: Omit<Call, 'action' | 'body'> & { action?: string }): Promise<Answer>
}
