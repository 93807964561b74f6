import { dirname, extname, join, resolve } from 'node:path'
import type {
  FileSource,
  Manifest,
  ManifestAlias,
  ManifestImage,
  ManifestServer,
  Position,
  Reach,
} from './manifest.ts'
import {
  readExpiry,
  type WrittenImage,
  type WrittenManifest,
  type WrittenServer,
  type WrittenSource,
} from './manifest-schema.ts'
import type { Path } from './read-value.ts'

interface Context {
  file: string
  /** Absolute. */
  folder: string
  where(path: Path): Position
  /** Those of other files beside this one's own. */
  servers?: readonly string[] | undefined
}

/** Enough for a release a day, and too few to empty a server by mistake. */
const defaultMaxDelete = 5

/** The checked file with defaults filled in, paths made absolute and choices made explicit. */
export function settleManifest(written: WrittenManifest, context: Context): Manifest {
  const all = context.servers ?? Object.keys(written.servers)
  return {
    file: context.file,
    name: written.name,
    servers: Object.entries(written.servers).map(([name, server]) => settleServer(name, server, context)),
    images: written.images.map((image, index) =>
      settleImage(image, ['images', index], written, all, context),
    ),
    prune: written.prune && { maxDelete: written.prune.maxDelete ?? defaultMaxDelete },
  }
}

function settleServer(name: string, server: WrittenServer, context: Context): ManifestServer {
  return {
    name,
    project: server.project,
    reach: reachOf(server, context),
    at: context.where(['servers', name]),
  }
}

function reachOf(server: WrittenServer, { folder }: Context): Reach {
  const path = (given: string | undefined): string | undefined => given && resolve(folder, given)
  if (server.remote !== undefined) return { kind: 'remote', remote: server.remote }
  if (server.socket !== undefined) return { kind: 'socket', socket: resolve(folder, server.socket) }
  const clientCertificate = path(server.clientCertificate)
  return {
    kind: 'url',
    url: server.url ?? '',
    serverCertificate: path(server.serverCertificate),
    clientCertificate,
    clientKey: path(server.clientKey) ?? (clientCertificate && keyBeside(clientCertificate)),
  }
}

/** `client.crt` goes with `client.key`, as in the folders of `lxc` and `incus`. */
function keyBeside(certificate: string): string {
  const extension = extname(certificate)
  return join(
    dirname(certificate),
    `${certificate.slice(dirname(certificate).length + 1, certificate.length - extension.length)}.key`,
  )
}

function settleImage(
  image: WrittenImage,
  path: Path,
  { defaults = {} }: WrittenManifest,
  all: readonly string[],
  context: Context,
): ManifestImage {
  const shared = {
    name: image.name,
    aliases: aliasesOf(image),
    servers: [...(image.servers ?? defaults.servers ?? all)],
    at: context.where(path),
  }
  if (image.source === undefined) return { state: 'absent', ...shared }
  const expiresAt = image.expiresAt ?? defaults.expiresAt
  return {
    state: 'present',
    ...shared,
    source: sourceOf(image.source, [...path, 'source'], context),
    public: image.public ?? defaults.public,
    properties: { ...defaults.properties, ...image.properties },
    expiresAt: expiresAt === undefined ? undefined : readExpiry(expiresAt),
    keep: image.keep ?? defaults.keep,
    keepDays: image.keepDays ?? defaults.keepDays,
  }
}

function aliasesOf(image: WrittenImage): ManifestAlias[] {
  const given = (image.aliases ?? []).map((alias) =>
    typeof alias === 'string'
      ? { name: alias, description: undefined }
      : { name: alias.name, description: alias.description },
  )
  const own = given.find(({ name }) => name === image.name)
  return [own ?? { name: image.name, description: undefined }, ...given.filter((alias) => alias !== own)]
}

function sourceOf(source: WrittenSource, path: Path, { folder, where }: Context): FileSource {
  const { file, metadata = '', rootfs = '', type, sha256 } = source
  const at = where(path)
  if (file !== undefined) return { kind: 'file', file: resolve(folder, file), sha256, at }
  const [first, second] = [resolve(folder, metadata), resolve(folder, rootfs)]
  return { kind: 'split', metadata: first, rootfs: second, type, sha256, at }
}
