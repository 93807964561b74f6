import { aliasesPath } from '../http/alias-path.ts'
import type { Answer } from '../http/answer.ts'
import type { Call, CallOptions } from '../http/call.ts'

/** Sends one request, as `Client.request` does. */
export interface AliasPlace {
  /** Sends it to the server and project of the client, and resolves with the answer. @throws ApiError if the server refuses it */
  request(call: Omit<Call, 'action' | 'body'> & { action?: string }): Promise<Answer>
}

/**
 * Creates an alias with one request. It does not read the alias back, so it is for callers that read the image of the alias anyway.
 *
 * @param target all 64 characters of a fingerprint
 */
export async function postAlias(
  place: AliasPlace,
  name: string,
  { target, description }: { target: string; description: string },
  options: CallOptions = {},
): Promise<void> {
  await place.request({
    method: 'POST',
    path: aliasesPath,
    json: { name, target, description },
    action: `create alias ${JSON.stringify(name)}`,
    ...options,
  })
}
