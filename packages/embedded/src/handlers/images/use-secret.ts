import type { ServerContext } from '../../call/context.ts'
import type { Operation } from '../../operations/operation.ts'
import type { ImageRecord } from '../../records/records.ts'

/**
 * Opens an image with a secret. The first use ends the token, whichever client sends it; it opens the image as long as its
 * operation can still be read (T19).
 */
export function useSecret(server: ServerContext, image: ImageRecord, secret: string): boolean {
  const token = findToken(server, image.fingerprint, secret)
  if (token === undefined || token.project !== image.project) return false
  server.operations.spend(token)
  return true
}

/** The token for this fingerprint. */
export function findToken(server: ServerContext, fingerprint: string, secret: string): Operation | undefined {
  return server.operations
    .list()
    .find(
      ({ class: kind, metadata, resources }) =>
        kind === 'token' &&
        metadata?.secret === secret &&
        resources?.images?.some((url) => url.replace(/\?.*/, '') === `/1.0/images/${fingerprint}`),
    )
}
