import { statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import type { Progress, Simplestreams, StreamImage } from '@hyperkit/core'
import { type SavedImage, saveImage } from '@hyperkit/files'
import { defineScript, findImage, findStreamImage, imageWord, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const details = `If the target is a directory, files are named after the fingerprint. Otherwise it is the path of the file; for a split image, of the
rootfs, and the metadata is saved beside it as "meta-…". A file is verified before it gets its name. A transfer from LXD or Incus
that broke off is continued.`

const script = defineScript({
  description: 'Export an image to files, and verify it',
  details,
  connects: false,
  args: v.object({
    image: imageWord(),
    target: v.optional(
      v.pipe(
        v.string(),
        v.description('Directory, or path of the file'),
        positional('target', { completes: 'file' }),
      ),
      '.',
    ),
    vm: v.optional(v.pipe(v.boolean(), v.description('Take only an image of a virtual machine')), false),
  }),
  examples: [
    'hyperkit export alpine',
    'hyperkit export images:alpine/edge ./images',
    'hyperkit export prod:ubuntu/noble ./noble.tar.xz',
  ],
  async run({ args, reachSource, result, progress, signal, dryRun, print }) {
    const { source, name } = await reachSource(args.image)
    const found =
      'images' in source
        ? await findImage(source, name, { signal, vm: args.vm })
        : await findStreamImage(source, name, { signal, vm: args.vm })
    const { fingerprint, size } = found
    const target = isDirectory(args.target) ? args.target : { path: args.target }
    if (dryRun) {
      print(`would save ${size} bytes of image ${fingerprint} to ${args.target}`)
      return
    }
    const saved = await progress(`Export ${args.image}`, (onProgress) =>
      'images' in source
        ? saveImage(source, { fingerprint }, target, { onProgress, signal })
        : saveStream(source, found as StreamImage, target, { onProgress, signal }),
    )
    result(saved, describe(saved))
  },
})

export default script
await runIfMain(import.meta, script)

function describe(saved: SavedImage): string {
  const files = saved.kind === 'unified' ? saved.path : `${saved.metadata}\n${saved.rootfs}`
  return saved.received === 0 ? `${files}\nThe files existed already, and match the fingerprint.` : files
}

/** Each file is saved under a temporary name, and renamed when the whole image is verified. */
async function saveStream(
  streams: Simplestreams,
  image: StreamImage,
  target: string | { path: string },
  { onProgress, signal }: { onProgress: (progress: Progress) => void; signal: AbortSignal },
): Promise<SavedImage> {
  const source = streams.open(image, { signal })
  const files = source.kind === 'unified' ? [source] : [source.metadata, source.rootfs]
  const paths = files.map(({ filename = '' }, index) => {
    const before = index < files.length - 1 ? 'meta-' : ''
    if (typeof target !== 'string') return join(dirname(target.path), `${before}${basename(target.path)}`)
    // Only a known extension is taken from the server's name, so that the server has no influence on the path.
    const [extension = ''] = /\.(?:tar\.(?:xz|gz|bz2|zst)|squashfs|qcow2|img)$/.exec(filename) ?? []
    return join(target, `${before}${image.fingerprint}${extension}`)
  })
  const parts = paths.map((path) => `${path}.${process.pid}.part`)
  try {
    let bytes = 0
    for (const [index, file] of files.entries()) {
      const handle = await open(parts[index] ?? '', 'w')
      try {
        for await (const piece of await file.open()) {
          await handle.writeFile(piece)
          bytes += piece.byteLength
          const percent = image.size === 0 ? {} : { percent: Math.min(100, (bytes / image.size) * 100) }
          onProgress({ stage: 'save', bytes, totalBytes: image.size, ...percent })
        }
        await handle.sync()
      } finally {
        await handle.close()
      }
    }
    for (const [index, path] of paths.entries()) await rename(parts[index] ?? '', path)
    const facts = { fingerprint: image.fingerprint, size: bytes, received: bytes }
    const [first = '', second] = paths
    return second === undefined
      ? { kind: 'unified', path: first, ...facts }
      : { kind: 'split', metadata: first, rootfs: second, ...facts }
  } finally {
    for (const part of parts) await rm(part, { force: true })
  }
}

function isDirectory(path: string): boolean {
  try {
    return path.endsWith('/') || statSync(path).isDirectory()
  } catch {
    // Saving to it reports what is wrong with the path.
    return false
  }
}
