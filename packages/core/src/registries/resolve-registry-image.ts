import * as v from 'valibot'
import { NotFoundError, TransportError } from '../errors/errors.ts'
import { tellRegistryImage } from '../model/docker-hub.ts'
import { chooseEntry, linuxEntries, noPlatform, type PlatformServer, platformsOf } from './choose-platform.ts'
import { type ImageName, movingName, parseImageName, pinnedName } from './image-name.ts'
import {
  configSchema,
  type Index,
  indexSchema,
  indexTypes,
  type Manifest,
  manifestSchema,
  manifestTypes,
} from './manifests.ts'
import { kernelName, platformOf } from './platforms.ts'
import { readDigest, readRegistryDocument } from './read-manifest.ts'
import type { RegistryCall } from './registry-call.ts'
import { fingerprintOfLayers, type RegistryImage } from './registry-image.ts'
import { apiName, type RegistryPlace } from './registry-place.ts'

/** Which image to choose if a name stands for several. */
export interface ResolveRegistryOptions {
  /** `x86_64` or `amd64`. @default that of the only manifest, or the first one of an index */
  architecture?: string | undefined
  /** The server that is to download it: the first of its architectures is chosen, and errors name it. @default none */
  server?: PlatformServer | undefined
  /** Chooses the first one if there is none for the architecture. @default false */
  orAny?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** The digest that a name stands for now. */
export async function resolveDigest(
  place: RegistryPlace,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const name = parseImageName(reference)
  const call = callFor(place, name, reference, signal)
  return name.digest ?? (await readDigest(place, call)) ?? (await readTop(place, call, undefined)).digest
}

/** The image that a name stands for now: its tag's digest is asked for first, and everything else is read by digests and verified. */
export async function resolveRegistryImage(
  place: RegistryPlace,
  reference: string,
  { server, architecture = server?.architectures[0], orAny = false, signal }: ResolveRegistryOptions,
): Promise<RegistryImage> {
  const name = parseImageName(reference)
  const refuse: Refuse = (action, there) =>
    noPlatform({ action, registry: place.name, name }, { server, architecture }, there)
  const call = callFor(place, name, reference, signal)
  const digest = name.digest ?? (await readDigest(place, call))
  const top = await readTop(place, call, digest)
  const told = tellRegistryImage({ server: place.url, alias: pinnedName(name, top.digest) })
  const facts = { alias: movingName(name), digest: top.digest, pinned: told.alias }
  const wanted = orAny ? undefined : architecture
  if ('manifest' in top) return describe(place, call, top.manifest, facts, { wanted, refuse })
  const entries = linuxEntries(top.index)
  const architectures = entries.map(({ platform }) => kernelName(platform.architecture, platform.variant))
  const chosen = chooseEntry(entries, architecture) ?? (orAny ? entries[0] : undefined)
  if (chosen === undefined) throw refuse(call.action, platformsOf(top.index))
  const own = await readManifest(place, call, chosen.digest)
  const image = await describe(place, call, own, { ...facts, architectures }, { wanted: undefined, refuse })
  const promised = kernelName(chosen.platform.architecture)
  // A server takes the architecture of the configuration, so it could not run what the index promises.
  if (wanted !== undefined && image.architecture !== promised)
    throw new NotFoundError(
      `${call.action} of "${place.name}": its index promises an image for ${promised}, but that image is one for ${image.architecture}; ask whoever published it to correct it`,
      { server: place.name },
    )
  return image
}

function callFor(
  place: RegistryPlace,
  { repository, tag, digest }: ImageName,
  reference: string,
  signal: AbortSignal | undefined,
): RegistryCall {
  const path = apiName(place, repository)
  return {
    method: 'GET',
    path: `/v2/${path}/manifests/${digest ?? tag}`,
    accept: [...indexTypes, ...manifestTypes],
    scope: `repository:${path}:pull`,
    action: `Cannot read image ${JSON.stringify(reference)}`,
    missing: `the registry has no such repository, or no such ${digest === undefined ? 'tag' : 'digest'} in it`,
    signal,
  }
}

async function readTop(
  place: RegistryPlace,
  call: RegistryCall,
  digest: string | undefined,
): Promise<{ digest: string } & ({ index: Index } | { manifest: Manifest })> {
  const byDigest = digest === undefined ? call : at(call, `manifests/${digest}`)
  const top = await readRegistryDocument(place, byDigest, v.looseObject({}), digest)
  const isIndex = indexTypes.some((type) => type === top.mediaType)
  if (!isIndex && !manifestTypes.some((type) => type === top.mediaType))
    throw new TransportError(
      'unexpected-answer',
      `${call.action} of "${place.name}": ${top.mediaType === undefined ? 'it has neither the form of an index nor that of a manifest' : `it is of the kind ${JSON.stringify(top.mediaType)}, which is no image of a container`}`,
      { server: place.name },
    )
  const { content, digest: actual } = top
  return isIndex
    ? { digest: actual, index: check(indexSchema, content, place, call) }
    : { digest: actual, manifest: check(manifestSchema, content, place, call) }
}

async function readManifest(place: RegistryPlace, call: RegistryCall, digest: string): Promise<Manifest> {
  return (await readRegistryDocument(place, at(call, `manifests/${digest}`), manifestSchema, digest)).content
}

/** The error of an image that is not there for what was wanted, but for others. */
type Refuse = (action: string, platforms: readonly string[]) => NotFoundError

interface NameFacts {
  alias: string | undefined
  pinned: string
  digest: string
  architectures?: readonly string[]
}

async function describe(
  place: RegistryPlace,
  call: RegistryCall,
  { config, layers }: Manifest,
  facts: NameFacts,
  { wanted, refuse }: { wanted: string | undefined; refuse: Refuse },
): Promise<RegistryImage> {
  const blob = at(call, `blobs/${config.digest}`)
  const { content } = await readRegistryDocument(place, blob, configSchema, config.digest)
  const own = kernelName(content.architecture)
  const { architectures = [own], ...named } = facts
  // Servers download such an image without a word, and cannot run it (Incus 7.0.2).
  if (wanted !== undefined && platformOf(wanted).architecture !== content.architecture)
    throw refuse(call.action, architectures)
  const created = new Date(content.created)
  return {
    ...named,
    fingerprint: fingerprintOfLayers(layers.map(({ digest }) => digest)),
    architecture: own,
    architectures,
    size: layers.reduce((sum, { size }) => sum + size, 0),
    createdAt: Number.isNaN(created.getTime()) ? undefined : created,
  }
}

/** Another path of the same repository. */
function at(call: RegistryCall, place: string): RegistryCall {
  return { ...call, path: call.path.replace(/(manifests|blobs)\/[^/]*$/, place) }
}

function check<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  { name }: RegistryPlace,
  { action }: RegistryCall,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new TransportError(
    'unexpected-answer',
    `${action} of "${name}": its manifest does not have the expected form (${result.issues[0].message.slice(0, 200)})`,
    { server: name },
  )
}
