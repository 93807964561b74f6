import type { Call } from '../../call/context.ts'
import { imagesProject } from '../../call/images-project.ts'
import { addAliases } from '../../creation/add-aliases.ts'
import { announceCreated } from '../../creation/announce-created.ts'
import type { Creation, CreationSource, NewAlias } from '../../creation/creation.ts'
import { spreadImage } from '../../creation/spread-image.ts'
import { withoutEmpty } from '../../creation/without-empty.ts'
import type { OperationHandle } from '../../operations/operation.ts'
import type { ImageRecord, UpdateSource } from '../../records/records.ts'
import { defaultProtocol, resolveSource } from '../../sources/resolve-source.ts'
import { resolveUrlImage } from '../../sources/resolve-url-image.ts'
import type { ResolvedImage } from '../../sources/resolved-image.ts'
import { fetchImage } from './fetch-image.ts'
import { knownProfiles } from './known-profiles.ts'

/** Runs the operation of a pull from another server. */
export async function pullImage(
  call: Call,
  handle: OperationHandle,
  creation: Creation,
  source: CreationSource,
): Promise<void> {
  const { server } = call
  checkKnownElsewhere(call, source)
  const resolved = await resolveSource(server, source, handle.stopped)
  await adopt(call, handle, creation, resolved, updateSourceOf(call, source, resolved.fingerprint))
}

/** Runs the operation of a `url` source, which records no update source. */
export async function downloadImage(
  call: Call,
  handle: OperationHandle,
  creation: Creation,
  source: CreationSource,
): Promise<void> {
  const resolved = await resolveUrlImage(call.server.dialect, source.url, handle.stopped)
  await adopt(call, handle, creation, resolved, undefined)
}

async function adopt(
  call: Call,
  handle: OperationHandle,
  creation: Creation,
  resolved: ResolvedImage,
  updateSource: UpdateSource | undefined,
): Promise<void> {
  const { server } = call
  const { image, fresh } = await fetchImage(server, handle, resolved, imagesProject(call))
  checkStoredProtocol(server, updateSource)
  const adopted = {
    ...rewrite(call, image, creation),
    ...(fresh && updateSource !== undefined ? { updateSource } : {}),
  }
  await server.images.put(adopted)
  handle.setMetadata({ fingerprint: image.fingerprint, size: String(image.size) })
  if (fresh && server.dialect.createdTwiceOnPull) announceCreated(call, adopted)
  await addAliases(call, adopted, wantedAliases(call, adopted, creation.aliases ?? []))
  await spreadImage(call, adopted)
  announceCreated(call, adopted)
}

/** T8: the fields of the request replace those of the image, even if the server had it before. */
function rewrite({ server }: Call, image: ImageRecord, creation: Creation): ImageRecord {
  const { dialect } = server
  const { properties = {} } = creation
  const says =
    creation.public || creation.autoUpdate || creation.filename !== '' || Object.keys(properties).length > 0
  if (dialect.repullResets === 'if-named' && !says) return image
  return {
    ...image,
    public: creation.public,
    autoUpdate: creation.autoUpdate,
    filename: creation.filename,
    properties: withoutEmpty({ ...image.properties, ...properties }),
    profiles: dialect.pullHonoursProfiles
      ? knownProfiles(dialect, creation.profiles?.length ? creation.profiles : ['default'])
      : image.profiles,
  }
}

/** T7: Incus adds the image's own aliases to the requested ones, and then fails because they exist. */
function wantedAliases({ server }: Call, image: ImageRecord, asked: readonly NewAlias[]): NewAlias[] {
  if (!server.dialect.repullClashesWithAliases) return [...asked]
  const own = server.aliases
    .values()
    .filter(({ project, target }) => project === image.project && target === image.fingerprint)
  return [...own.map(({ name, description }) => ({ name, description })), ...asked]
}

/** T20: recorded unless the request has the whole fingerprint; a prefix is recorded as an alias. */
function updateSourceOf(
  { server }: Call,
  source: CreationSource,
  fingerprint: string,
): UpdateSource | undefined {
  const alias = source.fingerprint === '' ? source.alias : source.fingerprint
  // A secret opens the image only once, so it cannot be an update source.
  if (alias === fingerprint || source.secret !== '') return undefined
  return {
    server: source.server,
    protocol: source.protocol === '' ? defaultProtocol(server.dialect) : source.protocol,
    alias,
    certificate: source.certificate,
    imageType: source.imageType,
  }
}

/** T23: without a protocol, an image of another project is not found there. */
function checkKnownElsewhere(call: Call, { protocol, fingerprint }: CreationSource): void {
  if (protocol !== '' || fingerprint === '') return
  const project = imagesProject(call)
  const elsewhere = call.server.images
    .values()
    .some((image) => image.project !== project && image.fingerprint === fingerprint)
  if (elsewhere) throw new Error('Invalid protocol: ')
}

/** T35: Incus stores only images of its own protocol, and checks that after the download. */
function checkStoredProtocol({ dialect }: Call['server'], updateSource: UpdateSource | undefined): void {
  if (!dialect.storesOwnProtocolOnly || updateSource?.protocol !== 'lxd') return
  throw new Error('Invalid protocol: lxd')
}
