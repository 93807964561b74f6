import type { FirstState } from '@hyperkit/core/parts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { readDeclaredState } from '../metadata/declared-state.ts'
import { type ImageMetadata, readMetadataOf } from '../metadata/read-metadata-yaml.ts'

/**
 * What an image has from its first moment: its own properties, as its archive declares them, with those of the caller. If the archive
 * cannot be read here, those of the caller alone.
 *
 * @param added an empty value removes a property
 * @param read what was read of the metadata before; if undefined, it is read now
 */
export async function firstStateOf(
  [file]: readonly InspectedFile[],
  added: Readonly<Record<string, string | number | boolean>>,
  signal: AbortSignal | undefined,
  read?: ImageMetadata | undefined,
): Promise<FirstState | undefined> {
  const given = Object.entries(added).map(([key, value]) => [key, String(value)] as const)
  if (file === undefined || given.length === 0) return undefined
  const metadata = read ?? (await readMetadataOf(file, signal))
  const declared = metadata.status === 'found' ? readDeclaredState(metadata.text) : undefined
  const properties = Object.fromEntries([...Object.entries(declared?.properties ?? {}), ...given])
  if (declared === undefined) return { kind: 'intent', properties }
  return { kind: 'whole', properties, expiresAt: declared.expiresAt }
}
