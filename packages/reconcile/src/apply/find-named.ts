import type { Client } from '@hyperkit/core'
import { namesProperty, ownerProperty } from '../ownership/owner-property.ts'
import type { Run } from './run-state.ts'
import type { UploadNote } from './upload-notes.ts'

/** A server and project, as notes of uploads name them. */
export function placeOf(server: string, { origin, projectName }: Client): string {
  return JSON.stringify([server, origin, projectName ?? ''])
}

/**
 * Images that killed runs may have left on a server without an owner and without a token: those of the notes on this machine, and those
 * that the manifest or its lock file names although another content is wanted now.
 */
export async function findNamed(
  server: string,
  client: Client,
  { manifest, notes, wanted: known }: Pick<Run, 'manifest' | 'notes' | 'wanted'>,
): Promise<{ noted: UploadNote[]; all: UploadNote[] }> {
  const wanted = known.get(server)
  const noted = (await notes?.left(placeOf(server, client))) ?? []
  const former = (wanted?.former ?? []).map(
    ({ name, fingerprint }): UploadNote => ({
      fingerprint,
      marks: { [ownerProperty]: manifest, [namesProperty]: name },
    }),
  )
  // What is wanted now gets its marks with its other fields.
  const isOther = ({ fingerprint }: UploadNote): boolean =>
    wanted?.images.every((image) => image.fingerprint !== fingerprint) ?? true
  return { noted, all: [...noted, ...former].filter(isOther) }
}
