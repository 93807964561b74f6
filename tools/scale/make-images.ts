import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'

export interface SmallImage {
  name: string
  path: string
  fingerprint: string
}

/** The owner in manifests, and in the marks of images that are created beforehand. */
export const owner = 'scale'

/** Image files of a few hundred bytes, each with different content. */
export async function makeImages(directory: string, prefix: string, count: number): Promise<SmallImage[]> {
  const images: SmallImage[] = []
  for (let number = 0; number < count; number++) {
    const name = `${prefix}-${String(number).padStart(4, '0')}`
    const { path, fingerprint } = await makeImage({ directory, name })
    images.push({ name, path, fingerprint })
  }
  return images
}

/** Creates an image as `apply` would: with its alias and the marks of its owner. */
export async function placeImage(client: Client, { name, path, fingerprint }: SmallImage): Promise<void> {
  const bytes = await readFile(path)
  await client.images.upload(
    {
      kind: 'unified',
      open: () => new Blob([bytes]).stream(),
      size: bytes.byteLength,
      filename: `${name}.tar.gz`,
    },
    {
      fingerprint,
      properties: { 'hyperkit.manifest': owner, 'hyperkit.image': name },
      aliases: [{ name, description: `[hyperkit: ${owner}]` }],
    },
  )
}

/** @param servers names, and how to reach each server, as YAML */
export async function writeManifest(
  directory: string,
  servers: ReadonlyMap<string, string>,
  images: readonly Pick<SmallImage, 'name' | 'path'>[],
): Promise<string> {
  const path = join(directory, 'images.yaml')
  const lines = [
    `version: 1\nname: ${owner}\nservers:`,
    ...[...servers].map(([name, reach]) => `  ${name}: ${reach}`),
    'images:',
    ...images.map((image) => `  - { name: ${image.name}, source: { file: ${image.path} } }`),
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}
