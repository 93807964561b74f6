import { relative, resolve, sep } from 'node:path'
import type { SavedImage } from '@hyperkit/files'
import { fingerprintOf } from '@hyperkit/files'
import { replaceFile } from '@hyperkit/files/parts'

/** Writes `SHA256SUMS` for `sha256sum --check`, with all files of a bundle, and its manifest if that is in the folder too. */
export async function writeSums(
  folder: string,
  manifest: string,
  saved: Iterable<SavedImage>,
  signal: AbortSignal,
): Promise<void> {
  const root = resolve(folder)
  const sums = new Map<string, string>()
  for (const image of saved) {
    // The fingerprint of a unified image is the SHA-256 of its file.
    if (image.kind === 'unified') sums.set(image.path, image.fingerprint)
    else
      for (const path of [image.metadata, image.rootfs])
        sums.set(path, (await fingerprintOf(path, { signal })).fingerprint)
  }
  sums.set(resolve(manifest), (await fingerprintOf(manifest, { signal })).fingerprint)
  const lines = [...sums]
    .map(([path, sum]) => ({ name: relative(root, path).split(sep).join('/'), sum }))
    .filter(({ name }) => !name.startsWith('../'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sum }) => `${sum}  ${name}\n`)
  await replaceFile(`${root}/SHA256SUMS`, lines.join(''))
}
