import { dirname, extname, join, resolve } from 'node:path'
import { choiceOf, chooseServers, type LabelledServers } from './choose-servers.ts'
import { durationOf } from './duration-schema.ts'
import type { WrittenImage, WrittenOverride } from './image-schema.ts'
import type {
  ImageAttributes,
  Manifest,
  ManifestAlias,
  ManifestImage,
  ManifestServer,
  Reach,
  ReachToken,
} from './manifest.ts'
import type { WrittenManifest } from './manifest-schema.ts'
import { normalizeNotify } from './normalize-notify.ts'
import { normalizePolicy } from './normalize-policy.ts'
import { normalizeRollout } from './normalize-rollout.ts'
import { normalizeSource } from './normalize-source.ts'
import type { Position } from './position.ts'
import { readExpiry } from './read-expiry.ts'
import type { Path } from './read-value.ts'
import type { WrittenServer } from './server-schema.ts'

interface Context {
  file: string
  /** Absolute. */
  folder: string
  where(path: Path): Position
  /** The servers of all files of the manifest. @default those of this file */
  servers?: LabelledServers | undefined
}

/** Enough for a release a day, but too few to empty a server by mistake. */
const defaultMaxDelete = 5

/** Resolves a checked file: defaults are filled in, paths made absolute, and servers chosen. */
export function normalizeManifest(written: WrittenManifest, context: Context): Manifest {
  const all = context.servers ?? labelsOf(written)
  return {
    file: context.file,
    name: written.name,
    servers: Object.entries(written.servers).map(([name, server]) => normalizeServer(name, server, context)),
    images: written.images.map((image, index) =>
      normalizeImage(image, ['images', index], written, all, context),
    ),
    notify: written.notify && normalizeNotify(written.notify, context.folder),
    ...(written.rollout === undefined ? {} : { rollout: normalizeRollout(written.rollout, context.folder) }),
    policy: written.policy && normalizePolicy(written.policy, context.folder),
    prune: written.prune && { maxDelete: written.prune.maxDelete ?? defaultMaxDelete },
  }
}

/** The servers of a file with their labels. */
export function labelsOf({ servers }: WrittenManifest): LabelledServers {
  return new Map(Object.entries(servers).map(([name, { labels = {} }]) => [name, labels]))
}

function normalizeServer(name: string, server: WrittenServer, context: Context): ManifestServer {
  const answerTimeout = server.answerTimeout === undefined ? undefined : durationOf(server.answerTimeout)
  return {
    name,
    project: server.project,
    reach: reachOf(server, context),
    ...(answerTimeout === undefined ? {} : { answerTimeout }),
    ...(server.imagesAtOnce === undefined ? {} : { imagesAtOnce: server.imagesAtOnce }),
    ...(server.labels === undefined ? {} : { labels: { ...server.labels } }),
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
    ...tokenOf(server, path),
  }
}

function tokenOf(
  { token, tokenFile }: WrittenServer,
  path: (given: string) => string | undefined,
): { token?: ReachToken } {
  if (token !== undefined) return { token: { kind: 'text', text: token } }
  return tokenFile === undefined ? {} : { token: { kind: 'file', file: path(tokenFile) ?? tokenFile } }
}

/** `client.key` for `client.crt`, as in the folders of `lxc` and `incus`. */
function keyBeside(certificate: string): string {
  const extension = extname(certificate)
  return join(
    dirname(certificate),
    `${certificate.slice(dirname(certificate).length + 1, certificate.length - extension.length)}.key`,
  )
}

function normalizeImage(
  image: WrittenImage,
  path: Path,
  { defaults = {} }: WrittenManifest,
  all: LabelledServers,
  context: Context,
): ManifestImage {
  const shared = {
    name: image.name,
    servers: chooseServers(choiceOf(image, defaults), all),
    at: context.where(path),
  }
  if (image.source === undefined)
    return { state: 'absent', ...shared, aliases: aliasesOf(image.name, image.aliases) }
  const overrides = Object.entries(image.overrides ?? {}).map(
    ([server, override]) => [server, attributesOf(image.name, [override, image, defaults])] as const,
  )
  return {
    state: 'present',
    ...shared,
    source: normalizeSource(image.source, [...path, 'source'], context),
    ...attributesOf(image.name, [image, defaults]),
    ...(overrides.length === 0 ? {} : { overrides: Object.fromEntries(overrides) }),
  }
}

/** @param layers in order of precedence, highest first; properties are merged one by one, every other key is replaced */
function attributesOf(name: string, layers: readonly WrittenOverride[]): ImageAttributes {
  const first = <Key extends keyof WrittenOverride>(key: Key): WrittenOverride[Key] =>
    layers.find((layer) => layer[key] !== undefined)?.[key]
  const expiresAt = first('expiresAt')
  const profiles = first('profiles')
  return {
    aliases: aliasesOf(name, first('aliases')),
    public: first('public'),
    properties: Object.fromEntries(
      [...layers].reverse().flatMap(({ properties = {} }) => Object.entries(properties)),
    ),
    propertiesMode: first('propertiesMode'),
    expiresAt: expiresAt === undefined ? undefined : readExpiry(expiresAt),
    autoUpdate: first('autoUpdate'),
    profiles: profiles && [...profiles].sort(),
    filename: first('filename'),
    keep: first('keep'),
    keepDays: first('keepDays'),
  }
}

function aliasesOf(name: string, aliases: WrittenImage['aliases'] = []): ManifestAlias[] {
  const given = aliases.map((alias) =>
    typeof alias === 'string'
      ? { name: alias, description: undefined }
      : { name: alias.name, description: alias.description },
  )
  const own = given.find((alias) => alias.name === name)
  return [own ?? { name, description: undefined }, ...given.filter((alias) => alias !== own)]
}
