import { FingerprintMismatchError } from '@hyperkit/core'
import type { ImageFiles } from '../documents/plan.ts'
import type { FileSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import type { SourceContext } from './source-context.ts'

/** Reads and hashes files, and checks them against `sha256` in the manifest. */
export async function readFiles(
  source: FileSource,
  image: string,
  { fingerprint: hash, signal }: SourceContext,
): Promise<Content> {
  const files = filesOf(source)
  const { fingerprint, size } = await hash(files, signal)
  if (source.sha256 !== undefined && source.sha256 !== fingerprint)
    throw new FingerprintMismatchError(
      `image "${image}" does not match "sha256": its fingerprint is ${fingerprint}`,
      { expected: source.sha256, actual: fingerprint },
    )
  return { fingerprint, size, origin: { kind: 'files', files } }
}

/** The paths of the source's files. */
export function filesOf(source: FileSource): ImageFiles {
  if (source.kind === 'file') return { kind: 'unified', file: source.file }
  const { metadata, rootfs, type } = source
  return { kind: 'split', metadata, rootfs, ...(type === undefined ? {} : { type }) }
}
