import { mkdirSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeImage, makeSplitImage } from '@hyperkit/conformance'

export interface MadeImage {
  /** The image's name in examples/quickstart.yaml. */
  name: string
  files: string[]
  fingerprint: string
}

/** Creates the files that examples/quickstart.yaml names: small images with a script inside, which real servers accept too. */
export async function makeImages(directory: string): Promise<MadeImage[]> {
  mkdirSync(directory, { recursive: true })
  const hello = await makeImage({ directory, name: 'hello', size: 2_000_000 })
  const split = await makeSplitImage({ directory, name: 'split', size: 500_000 })
  return [
    {
      name: 'quickstart/hello',
      files: [place(hello.path, directory, 'hello.tar.gz')],
      fingerprint: hello.fingerprint,
    },
    {
      name: 'quickstart/split',
      files: [
        place(split.metadata.path, directory, 'split.metadata.tar.gz'),
        place(split.rootfs.path, directory, 'split.rootfs.tar.gz'),
      ],
      fingerprint: split.fingerprint,
    },
  ]
}

function place(path: string, directory: string, name: string): string {
  if (basename(path) !== name) renameSync(path, join(directory, name))
  return `examples/build/${name}`
}
