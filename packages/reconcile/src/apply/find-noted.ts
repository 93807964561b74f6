import type { Client } from '@hyperkit/core'
import type { Run } from './run-state.ts'
import type { UploadNote } from './upload-notes.ts'

/** A server and project, as notes of uploads name them. */
export function placeOf(server: string, { origin, projectName }: Client): string {
  return JSON.stringify([server, origin, projectName ?? ''])
}

/**
 * Images that killed runs on this machine may have left on a server without an owner and without a token. Nothing else proves whose such
 * an image is: one that the lock file or a `sha256` names may have been imported by somebody else.
 *
 * @returns all notes, and the `other` ones: those of images that are not wanted, as a wanted one gets its marks with its other fields
 */
export async function findNoted(
  server: string,
  client: Client,
  { notes, wanted: known }: Pick<Run, 'notes' | 'wanted'>,
): Promise<{ all: UploadNote[]; other: UploadNote[] }> {
  const wanted = known.get(server)
  const all = (await notes?.left(placeOf(server, client))) ?? []
  const other = all.filter(
    ({ fingerprint }) => wanted?.images.every((image) => image.fingerprint !== fingerprint) ?? true,
  )
  return { all, other }
}
