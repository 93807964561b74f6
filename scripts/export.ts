import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Progress, Simplestreams, StreamImage } from '@hyperkit/core'
import { type SavedImage, saveImage } from '@hyperkit/files'
import { findPlace, openStream, type Place } from '@hyperkit/files/parts'
import {
  defineScript,
  findImage,
  findStreamImage,
  imageWord,
  positional,
  runIfMain,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const details = `If the target is a directory, files are named after the fingerprint. Otherwise it is the path of the file; for a split image, of the
rootfs, and the metadata is saved beside it as "meta-…". A file is verified before it gets its name. A transfer from LXD or Incus
that broke off is continued. With "-", a unified image is written to stdout: the exit code says whether all of it arrived.`

const script = defineScript({
  description: 'Export an image to files, and verify it',
  details,
  connects: false,
  args: v.object({
    image: imageWord(),
    target: v.optional(
      v.pipe(
        v.string(),
        v.description('Directory, path of the file, or "-" for stdout'),
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
  async run({ args, reachSource, result, progress, signal, would, log }) {
    const { source, name } = await reachSource(args.image)
    if ('kind' in source)
      throw new UsageError(
        `"${source.name}" is a registry of OCI images, which only a server can download and unpack; copy the image to an Incus 7 server`,
      )
    const found =
      'images' in source
        ? await findImage(source, name, { signal, vm: args.vm })
        : await findStreamImage(source, name, { signal, vm: args.vm })
    const { fingerprint, size } = found
    if ('images' in source && found.properties.type === 'oci')
      throw new UsageError(
        `image ${args.image} comes from a registry of OCI images: its fingerprint is not that of its content, so the files could be neither verified nor imported again; copy the image to another Incus server, or name the registry there`,
      )
    const path = args.target === '-' ? '/dev/stdout' : args.target
    const target = isDirectory(path) ? path : { path }
    if (would(`save ${size} bytes of image ${fingerprint} to ${path}`)) return
    const saved = await progress(`Export ${args.image}`, (onProgress) =>
      'images' in source
        ? saveImage(source, { fingerprint }, target, { onProgress, signal })
        : saveStream(source, found as StreamImage, target, { onProgress, signal }),
    )
    if (saved.kind === 'unified' && saved.path === '/dev/stdout') log(`Wrote image ${fingerprint} to stdout`)
    else result(saved, describe(saved))
  },
})

export default script
await runIfMain(import.meta, script)

function describe(saved: SavedImage): string {
  const files = saved.kind === 'unified' ? saved.path : `${saved.metadata}\n${saved.rootfs}`
  return saved.received === 0 ? `${files}\nThe files existed already, and match the fingerprint.` : files
}

interface SaveStreamOptions {
  onProgress: (progress: Progress) => void
  signal: AbortSignal
}

/** Each file is saved under a temporary name, and renamed when the whole image is verified. */
async function saveStream(
  streams: Simplestreams,
  image: StreamImage,
  target: string | { path: string },
  { onProgress, signal }: SaveStreamOptions,
): Promise<SavedImage> {
  const source = streams.open(image, { signal })
  const files = source.kind === 'unified' ? [source] : [source.metadata, source.rootfs]
  const place = typeof target === 'string' ? undefined : await findPlace(target.path)
  if (place !== undefined && place.kind !== 'file' && files.length > 1)
    throw new UsageError(`image ${image.fingerprint} has two files; give a directory`)
  const paths = files.map(({ filename = '' }, index) => {
    const before = index < files.length - 1 ? 'meta-' : ''
    if (place !== undefined) return join(dirname(place.path), `${before}${basename(place.path)}`)
    // Only a known extension is taken from the server's name, so that the server has no influence on the path.
    const [extension = ''] = /\.(?:tar\.(?:xz|gz|bz2|zst)|squashfs|qcow2|img)$/.exec(filename) ?? []
    return join(String(target), `${before}${image.fingerprint}${extension}`)
  })
  const sinks: Sink[] = []
  try {
    let bytes = 0
    for (const [index, file] of files.entries()) {
      const sink = await openSink(paths[index] ?? '', place, signal)
      sinks.push(sink)
      for await (const piece of await file.open()) {
        await sink.write(piece)
        bytes += piece.byteLength
        const percent = image.size === 0 ? {} : { percent: Math.min(100, (bytes / image.size) * 100) }
        onProgress({ stage: 'save', bytes, totalBytes: image.size, ...percent })
      }
      await sink.end()
    }
    for (const sink of sinks) await sink.name()
    const facts = { fingerprint: image.fingerprint, size: bytes, received: bytes }
    const [first = '', second] = paths
    return second === undefined
      ? { kind: 'unified', path: first, ...facts }
      : { kind: 'split', metadata: first, rootfs: second, ...facts }
  } finally {
    for (const sink of sinks) await sink.discard()
  }
}

/** What the bytes of one file are written to. */
interface Sink {
  write(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
  /** Gives the file its name, if it is one. */
  name(): Promise<void>
  /** Removes what has no name yet. */
  discard(): Promise<void>
}

async function openSink(path: string, place: Place | undefined, signal: AbortSignal): Promise<Sink> {
  const nothing = async (): Promise<void> => {}
  if (place !== undefined && place.kind !== 'file') {
    const stream = await openStream(place, signal)
    return { write: stream.write, end: stream.close, name: nothing, discard: nothing }
  }
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  const handle = await open(part, 'wx')
  return {
    write: (bytes) => handle.writeFile(bytes),
    end: () => handle.sync().finally(() => handle.close()),
    name: () => rename(part, path),
    async discard() {
      await handle.close().catch(() => undefined)
      await rm(part, { force: true })
    },
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
