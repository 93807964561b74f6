import type { Client } from '../client.ts'
import { UnsupportedError } from '../errors/errors.ts'
import type { CopySource, SourceImage } from './copy-source.ts'

/** A secret for one transfer. */
export interface OneTimeToken {
  secret: string
  /** Ends the secret, used or not: an unused one would live until its server restarts. */
  end(): Promise<void>
}

export function oneTimeToken(client: Client<boolean>, operation: string, secret: string): OneTimeToken {
  return {
    secret,
    async end() {
      // A used secret has ended by itself, and servers refuse to cancel it. After an abort it must be ended too, so it has its own signal.
      await client.operations.cancel(operation, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    },
  }
}

/** A secret with which a client without trust, such as the other server, downloads a private image. */
export async function tokenOf(
  from: CopySource,
  image: SourceImage,
  signal: AbortSignal | undefined,
): Promise<OneTimeToken> {
  if (from.client === undefined) throw new UnsupportedError(`Cannot read a private image of "${from.name}"`)
  const { secret, operation } = await from.client.images.createSecret(image.fingerprint, { signal })
  return oneTimeToken(from.client, operation.id ?? '', secret)
}
