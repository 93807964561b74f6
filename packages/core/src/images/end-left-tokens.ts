import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Operation } from '../model/operation.ts'
import { listOperations } from '../operations/list-operations.ts'
import type { FirstState } from './push-token.ts'

/**
 * Cancels push tokens that an earlier upload of the same image with the same properties has left, because it was killed. Nothing else
 * tells who has asked for a token, so those with other properties stay: they may be another client's, as may secrets for downloads, which
 * have no properties. If that upload is still at work, it sets the properties once the image is there.
 *
 * So the token of a killed upload of another image stays, in the list of operations, until the server restarts or that image is uploaded
 * again; it gives nobody else access. Its age proves nothing: that of an archive which cannot be read here lives as long as its upload, and
 * one that another client has asked for, for a transfer between two servers, as long as that client likes. A holder, as locks name theirs,
 * has no place in it: whatever a token says besides its fingerprint (properties, aliases, `public`, expiry), the image gets, and servers
 * keep nothing else of its request (LXD 5.0.2, Incus 6.0.4). (The reconciler does cancel those of all images of a manifest: they name their
 * owner, and its lock shows that no other run of it is at work.)
 */
export async function endLeftTokens(
  connection: Connection,
  fingerprint: string,
  { properties }: FirstState,
  call: CallOptions,
): Promise<void> {
  try {
    for (const operation of await listOperations(connection, call))
      if (isTokenOf(operation, fingerprint) && hasProperties(operation, properties))
        await connection.ask({
          method: 'DELETE',
          path: `/1.0/operations/${operation.id}`,
          action: 'end the token of a killed upload',
          ...call,
        })
  } catch (error) {
    // It is gone by now, or this client may not see or cancel operations; the upload does not depend on it.
    if (call.signal?.aborted || !isHyperkitError(error)) throw error
  }
}

function isTokenOf({ class: kind, state, resources }: Operation, fingerprint: string): boolean {
  const isOf = (url: string): boolean => url.includes(`/images/${fingerprint}`)
  return kind === 'token' && state === 'running' && (resources.images ?? []).some(isOf)
}

function hasProperties({ metadata }: Operation, wanted: FirstState['properties']): boolean {
  const { properties } = metadata
  if (typeof properties !== 'object' || properties === null) return false
  const sorted = (all: object): string =>
    JSON.stringify(
      Object.entries(all)
        .filter(([, value]) => value !== '')
        .sort(),
    )
  return sorted(properties) === sorted(wanted)
}
