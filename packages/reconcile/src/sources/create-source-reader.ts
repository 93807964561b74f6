import { ArgumentError, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { InstanceSource, RemoteSource, ServerSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { findMaker } from './find-maker.ts'
import { findRemote } from './open-remote.ts'
import { readFiles } from './read-files.ts'
import { readInstance } from './read-instance.ts'
import { readRemote } from './read-remote.ts'
import { readServer } from './read-server.ts'
import { readUrl } from './read-url.ts'
import type { SourceContext } from './source-context.ts'

/** Says what an image of the manifest is to be on one of its servers. */
export type SourceReader = (image: PresentImage, server: string) => Promise<Content>

/** Reads each source once, however many images and servers want it. */
export function createSourceReader(manifest: Manifest, context: SourceContext): SourceReader {
  const once = createMemory()
  return (image, server) => readSource(image, server, { manifest, context, once, way: [] })
}

interface Reading {
  manifest: Manifest
  context: SourceContext
  once: Memory
  /** Images whose copies led here. */
  way: readonly string[]
}

async function readSource(image: PresentImage, server: string, reading: Reading): Promise<Content> {
  const { context, once } = reading
  const { source } = image
  const { at: _, ...key } = source
  switch (source.kind) {
    case 'file':
    case 'split':
      return once(key, () => readFiles(source, image.name, context))
    case 'remote':
      return once(await memoryKey(key, source, server, context), () => readRemote(source, server, context))
    case 'url':
      return once(key, () => readUrl(source, context))
    case 'instance':
      return readPublished(image, source, server, reading)
    case 'server':
      return readCopied(image, source, reading)
    case 'fingerprint':
      return { fingerprint: source.fingerprint, size: null, origin: { kind: 'present' } }
  }
}

/** Servers that are given the same by simplestreams share one look at it. */
async function memoryKey(
  key: object,
  source: RemoteSource,
  server: string,
  { open, signal }: SourceContext,
): Promise<unknown> {
  if (open === undefined || (await findRemote(source)).protocol !== 'simplestreams') return key
  const { architectures, dialect } = await (await open(server)).server({ signal })
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
      `Cannot copy image "${image.name}" from "${publisher}": it was not published there yet, and this run is not about that server`,
    )
  return { ...content, origin: { kind: 'copy', server: publisher, depth: 1, mark: content.origin.mark } }
}

/** From the server as it is, or as this run makes it. */
async function readCopied(image: PresentImage, source: ServerSource, reading: Reading): Promise<Content> {
  const { manifest, context, once, way } = reading
  const { server, alias } = source
  const maker = alias === undefined ? undefined : findMaker(manifest, server, alias, context.targets)
  if (maker?.state === 'absent')
    throw new ArgumentError(
      'alias',
      `Cannot copy image "${image.name}": the manifest says that alias "${alias}" shall be absent on "${server}"`,
    )
  if (maker !== undefined && maker.name !== image.name)
    return asCopy(await readSource(maker, server, { ...reading, way: follow(image, maker, way) }), server)
  const open = context.open
  if (open === undefined) throw new Error('no way to open servers was given')
  const { at: _, ...key } = source
  try {
    return await once(key, async () => readServer(source, await open(server), context.signal))
  } catch (error) {
    const made = isHyperkitError(error, 'not-found') ? await findMade(image, source, reading) : undefined
    if (made === undefined) throw error
    return asCopy(made, server)
  }
}

function follow(image: PresentImage, maker: PresentImage, way: readonly string[]): string[] {
  const next = [...way, image.name]
  if (next.includes(maker.name))
    throw new ArgumentError(
      'server',
      `Cannot copy image "${next[0]}": ${[...next, maker.name].map((name) => `"${name}"`).join(' is copied from ')}, in a circle; say for one of them where else it comes from`,
    )
  return next
}

/** An image that is named by its whole fingerprint, and that this run brings to the server from elsewhere. */
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

type Memory = (key: unknown, read: () => Promise<Content>) => Promise<Content>

function createMemory(): Memory {
  const contents = new Map<string, Promise<Content>>()
  return (key, read) => {
    const text = JSON.stringify(key)
    const known = contents.get(text) ?? read()
    contents.set(text, known)
    return known
  }
}
