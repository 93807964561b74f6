import { createHash, type Hash } from 'node:crypto'
import { mkdtemp, open as openFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, type Image, isHyperkitError, type Progress, type Simplestreams } from '@hyperkit/core'
import { chunksOf, shortFingerprint } from '@hyperkit/core/parts'
import { checkImageFiles, DamagedFileError } from '@hyperkit/files'
import {
  defineScript,
  describeView,
  findImage,
  findStreamImage,
  positional,
  type Reached,
  type ReachedSource,
  runIfMain,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const details = `Each image is downloaded and hashed, and nothing of it is kept. If an image does not match its fingerprint, or cannot be downloaded
whole, the others are still verified, and the exit code is 1.`

const script = defineScript({
  description: 'Download images and compare them with their fingerprints, without keeping them',
  details,
  connects: false,
  args: v.object({
    images: v.pipe(
      v.array(v.string()),
      v.description('Alias, or the beginning of a fingerprint; with --all, servers such as prod:'),
      positional('image', { completes: 'image' }),
    ),
    all: v.optional(v.pipe(v.boolean(), v.description('All images of the server')), false),
    vm: v.optional(v.pipe(v.boolean(), v.description('Take only images of virtual machines')), false),
    deep: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          'Also check that the image files are complete; they are saved to a temporary directory for that',
        ),
      ),
      false,
    ),
  }),
  examples: ['hyperkit verify prod:ubuntu/noble images:alpine/edge', 'hyperkit verify --all prod:'],
  async run({ args, reach, reachSource, progress, result, log, signal }) {
    const { all, vm, deep } = args
    const wanted: Wanted[] = []
    if (!all && args.images.length === 0) throw new UsageError('the image is missing; give one, or "--all"')
    const words = all && args.images.length === 0 ? [''] : args.images
    for (const text of words) {
      if (all) {
        const reached = await reach(text)
        const { images, left } = await imagesOf(text, reached, vm, signal)
        wanted.push(...images)
        if (left > 0)
          log(
            `${left} images of "${reached.client.name}" are left out: each ${unverifiable.replace(/^it/, 'one')}`,
          )
        const note = await describeView(reached.client, { signal })
        if (note !== undefined) log(note)
      } else wanted.push(await findWanted(text, await reachSource(text), vm, signal))
    }
    const verified: Verified[] = []
    for (const one of wanted) {
      const done = await progress(`Verify ${one.text}`, (onProgress) =>
        verify(one, { deep, onProgress, signal }),
      )
      if (!done.ok) log(`${one.text}: ${done.reason}`)
      verified.push(done)
    }
    result(verified, verified.map(describe).join('\n'))
    return verified.every(({ ok }) => ok) ? 0 : 1
  },
})

export default script
await runIfMain(import.meta, script)

interface Wanted {
  text: string
  server: string
  fingerprint: string
  /** Bytes. */
  size: number
  /** The files, in the order in which they are hashed. */
  open(signal: AbortSignal): AsyncGenerator<ReadableStream<Uint8Array>>
}

/** T36. */
const unverifiable =
  'it is an image of a registry of OCI images, whose fingerprint is that of its layers there and not of its content'

function isOfRegistry({ properties }: Image): boolean {
  return properties.type === 'oci'
}

interface Verified {
  image: string
  server: string
  fingerprint: string
  ok: boolean
  /** Why not. */
  reason?: string
}

async function imagesOf(
  text: string,
  { client, name }: Reached,
  vm: boolean,
  signal: AbortSignal,
): Promise<{ images: Wanted[]; left: number }> {
  if (name !== '')
    throw new UsageError(`with "--all" give only servers, such as "prod:", not ${JSON.stringify(text)}`)
  const all = await client.images.list({ signal })
  const verifiable = all.filter((image) => !isOfRegistry(image))
  const images = verifiable
    .filter(({ type }) => !vm || type === 'virtual-machine')
    .map(({ fingerprint, size, aliases: [alias] }) => ({
      text: alias?.name ?? shortFingerprint(fingerprint),
      ...ofServer(client, fingerprint, size),
    }))
  return { images, left: all.length - verifiable.length }
}

async function findWanted(
  text: string,
  { source, name }: ReachedSource,
  vm: boolean,
  signal: AbortSignal,
): Promise<Wanted> {
  if ('kind' in source) throw new UsageError(`cannot verify ${text}: ${unverifiable}`)
  if ('images' in source) {
    const image = await findImage(source, name, { signal, vm })
    if (isOfRegistry(image)) throw new UsageError(`cannot verify ${text}: ${unverifiable}`)
    const { fingerprint, size } = image
    return { text, ...ofServer(source, fingerprint, size) }
  }
  return { text, ...(await ofStreams(source, name, vm, signal)) }
}

function ofServer(client: Client, fingerprint: string, size: number): Omit<Wanted, 'text'> {
  return {
    server: client.name,
    fingerprint,
    size,
    async *open(signal) {
      const file = await client.images.export(fingerprint, { signal, size })
      if (file.kind === 'unified') yield file.body
      else for await (const { body } of file.parts) yield body
    },
  }
}

async function ofStreams(
  streams: Simplestreams,
  name: string,
  vm: boolean,
  signal: AbortSignal,
): Promise<Omit<Wanted, 'text'>> {
  const image = await findStreamImage(streams, name, { vm, signal })
  return {
    server: streams.name,
    fingerprint: image.fingerprint,
    size: image.size,
    async *open(within) {
      const source = streams.open(image, { signal: within })
      for (const file of source.kind === 'unified' ? [source] : [source.metadata, source.rootfs])
        yield await file.open()
    },
  }
}

interface VerifyOptions {
  /** Whether the files are kept until their ends have been checked. */
  deep: boolean
  onProgress: (progress: Progress) => void
  signal: AbortSignal
}

async function verify(
  { text, server, fingerprint, size, open }: Wanted,
  { deep, onProgress, signal }: VerifyOptions,
): Promise<Verified> {
  const facts = { image: text, server, fingerprint }
  const hash = createHash('sha256')
  const directory = deep ? await mkdtemp(join(tmpdir(), 'hyperkit-verify-')) : undefined
  const files: string[] = []
  try {
    let bytes = 0
    for await (const body of open(signal)) {
      const path = directory && join(directory, String(files.length))
      if (path !== undefined) files.push(path)
      await feed(hash, body, path, (length) => {
        bytes += length
        onProgress({
          stage: 'verify',
          bytes,
          totalBytes: size,
          percent: size === 0 ? 100 : (bytes / size) * 100,
        })
      })
    }
    const actual = hash.digest('hex')
    if (actual !== fingerprint)
      return { ...facts, ok: false, reason: `it is ${actual} (${bytes} bytes), not ${fingerprint}` }
    const [first, second] = files
    if (first !== undefined)
      await checkImageFiles(second === undefined ? first : { metadata: first, rootfs: second }, { signal })
    return { ...facts, ok: true }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DamagedFileError)
      return { ...facts, ok: false, reason: `${error.reason}; the server got it like this` }
    if (!isHyperkitError(error)) throw error
    return { ...facts, ok: false, reason: error.message }
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  }
}

/** @param copy the path of a file to write the bytes to */
async function feed(
  hash: Hash,
  body: ReadableStream<Uint8Array>,
  copy: string | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const file = copy === undefined ? undefined : await openFile(copy, 'wx', 0o600)
  try {
    for await (const chunk of chunksOf(body)) {
      hash.update(chunk)
      await file?.writeFile(chunk)
      onBytes(chunk.byteLength)
    }
  } finally {
    await file?.close()
  }
}

function describe({ image, fingerprint, ok }: Verified): string {
  return `${ok ? 'ok    ' : 'BROKEN'}  ${fingerprint}  ${image}`
}
