import { ArgumentError, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { lateAfter } from '../concurrency/late-after.ts'
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { InstanceSource, RemoteSource, ServerSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { findMaker } from './find-maker.ts'
import { openRegistries } from './open-registries.ts'
import { findRemote } from './open-remote.ts'
import { readFiles } from './read-files.ts'
import { readInstance } from './read-instance.ts'
import { readRemote } from './read-remote.ts'
import { readServer } from './read-server.ts'
import { readUrl } from './read-url.ts'
import type { SourceContext } from './source-context.ts'

/** Reads what an image of the manifest should be on one of its servers. */
export type SourceReader = (image: PresentImage, server: string) => Promise<Content>

const sourcesAtOnce = 16

/** Creates a reader that reads each source once, however many images and servers use it, and some sources at the same time. */
export function createSourceReader(manifest: Manifest, options: SourceContext): SourceReader {
  const context = { ...options, registries: options.registries ?? openRegistries(options) }
  const once = createCache(createSemaphore(sourcesAtOnce))
  const targets = createSemaphore(sourcesAtOnce)
  return (image, server) => readSource(image, server, { manifest, context, once, targets, copiedBy: [] })
}

interface Reading {
  manifest: Manifest
  context: SourceContext
  once: Cache
  /** Servers that are asked what they are, since that decides which file they get. */
  targets: Semaphore
  /** The images whose copies led to this one. */
  copiedBy: readonly string[]
}

async function readSource(image: PresentImage, server: string, reading: Reading): Promise<Content> {
  const { context, once, targets } = reading
  const { source } = image
  const { at: _, ...key } = source
  switch (source.kind) {
    case 'file':
    case 'split':
      return once(key, () => readFiles(source, image.name, context))
    case 'remote':
      return once(await cacheKey(key, source, server, context, targets), () =>
        readRemote(source, server, context),
      )
    case 'url':
      // A download may take long, and would take longer beside many others.
      return once(key, () => readUrl(source, context), null)
    case 'instance':
      return readPublished(image, source, server, reading)
    case 'server':
      return readCopied(image, source, reading)
    case 'fingerprint':
      return { fingerprint: source.fingerprint, size: null, origin: { kind: 'present' } }
  }
}

/** Servers that get the same image from simplestreams share one read. Of a registry they share the answers, and each has errors of its own. */
async function cacheKey(
  key: object,
  source: RemoteSource,
  server: string,
  { open, signal }: SourceContext,
  targets: Semaphore,
): Promise<unknown> {
  const protocol = open === undefined ? undefined : (await findRemote(source)).protocol
  if (open === undefined || (protocol !== 'simplestreams' && protocol !== 'oci')) return key
  if (protocol === 'oci') return { ...key, server }
  const askServer = async () => (await open(server)).server({ signal })
  const { architectures, dialect } = await targets.run(askServer, lateAfter)
  return { ...key, architecture: architectures[0], dialect: dialect.kind }
}

async function readPublished(
  image: PresentImage,
  source: InstanceSource,
  server: string,
  { manifest, context, once }: Reading,
): Promise<Content> {
  const publisher = source.server ?? server
  const content = await once([image.name, publisher], () =>
    readInstance({ image, source, server: publisher, owner: manifest.name }, context),
  )
  if (publisher === server || content.origin.kind !== 'publish') return content
  if (!isKnown(content.fingerprint) && !image.servers.includes(publisher))
    throw new HyperkitError(
      'not-found',
      `Cannot copy image "${image.name}" from "${publisher}": it has not been published there yet, and this run does not include that server`,
    )
  return { ...content, origin: { kind: 'copy', server: publisher, depth: 1, mark: content.origin.mark } }
}

/** Reads what is copied from a server: what it has now, or what this run will give it. */
async function readCopied(image: PresentImage, source: ServerSource, reading: Reading): Promise<Content> {
  const { manifest, context, once, copiedBy } = reading
  const { server, alias } = source
  const maker = alias === undefined ? undefined : findMaker(manifest, server, alias, context.targets)
  if (maker?.state === 'absent')
    throw new ArgumentError(
      'alias',
      `Cannot copy image "${image.name}": the manifest declares alias "${alias}" absent on "${server}"`,
    )
  if (maker !== undefined && maker.name !== image.name)
    return asCopy(
      await readSource(maker, server, { ...reading, copiedBy: follow(image, maker, copiedBy) }),
      server,
    )
  const open = context.open
  if (open === undefined) throw new Error('Reading this source needs "open"')
  const { at: _, ...key } = source
  try {
    return await once(key, async () => readServer(source, await open(server), context.signal))
  } catch (error) {
    const made = isHyperkitError(error, 'not-found') ? await findMade(image, source, reading) : undefined
    if (made === undefined) throw error
    return asCopy(made, server)
  }
}

function follow(image: PresentImage, maker: PresentImage, copiedBy: readonly string[]): string[] {
  const next = [...copiedBy, image.name]
  if (next.includes(maker.name))
    throw new ArgumentError(
      'server',
      `Cannot copy image "${next[0]}": ${[...next, maker.name].map((name) => `"${name}"`).join(' is copied from ')}, which is circular; give one of them another source`,
    )
  return next
}

/** An image that is identified by its full fingerprint, and that this run itself brings to the server. */
async function findMade(
  image: PresentImage,
  { server, fingerprint }: ServerSource,
  reading: Reading,
): Promise<Content | undefined> {
  for (const other of reading.manifest.images) {
    const isMade = other.state === 'present' && other !== image && other.servers.includes(server)
    if (!isMade || other.source.kind === 'server') continue
    const content = await readSource(other, server, reading).catch(() => undefined)
    if (content?.fingerprint === fingerprint) return content
  }
  return undefined
}

function asCopy(content: Content, server: string): Content {
  const depth = content.origin.kind === 'copy' ? content.origin.depth + 1 : 1
  return { ...content, origin: { kind: 'copy', server, depth } }
}

/** @param late milliseconds after which a read no longer counts as one of those at once; null for one that always does. @default 3000 */
type Cache = (key: unknown, read: () => Promise<Content>, late?: number | null) => Promise<Content>

function createCache(places: Semaphore): Cache {
  const contents = new Map<string, Promise<Content>>()
  return (key, read, late = lateAfter) => {
    const text = JSON.stringify(key)
    const known = contents.get(text) ?? places.run(read, late ?? undefined)
    contents.set(text, known)
    return known
  }
}
