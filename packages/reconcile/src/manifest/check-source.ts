import { messageOf, parseImageName } from '@hyperkit/core/parts'
import type { Path } from './read-value.ts'
import type { WrittenSource } from './source-schema.ts'

type Complain = (path: Path, message: string) => void
type Key = keyof WrittenSource

/** A kind of source: why it excludes the keys of others, and the keys that it allows. */
interface Kind {
  why: string
  keys: readonly Key[]
  check?: (source: WrittenSource, path: Path, complain: Complain) => void
}

const kinds = {
  file: { why: 'a unified image is a single file, which also holds its type', keys: ['sha256'] },
  metadata: { why: 'a split image consists of two files', keys: ['rootfs', 'type', 'sha256'] },
  rootfs: { why: 'a split image consists of two files', keys: ['metadata', 'type', 'sha256'] },
  remote: {
    why: 'an image on a remote is identified by its alias or fingerprint',
    keys: [
      'protocol',
      'alias',
      'fingerprint',
      'secret',
      'secretFile',
      'project',
      'type',
      'serverCertificate',
      'insecure',
    ],
    check: checkRemote,
  },
  url: { why: 'the file is downloaded as it is', keys: ['sha256', 'insecure'], check: checkUrl },
  instance: {
    why: 'the image is published from the instance',
    keys: ['snapshot', 'server', 'compression', 'format'],
  },
  server: {
    why: 'an image on another server is identified by its alias or fingerprint',
    keys: ['alias', 'fingerprint'],
    check: checkName,
  },
  fingerprint: {
    why: 'it identifies an image that the servers already have',
    keys: [],
    check: checkFullFingerprint,
  },
} as const satisfies Partial<Record<Key, Kind>>

const order = Object.keys(kinds) as (keyof typeof kinds)[]

/** Checks that the keys of a source belong to one kind. */
export function checkSource(source: WrittenSource, path: Path, complain: Complain): void {
  const chosen = order.find((key) => source[key] !== undefined)
  if (chosen === undefined) {
    complain(
      path,
      '"source" needs one of "file", "metadata" with "rootfs", "remote", "url", "instance", "server" and "fingerprint"',
    )
    return
  }
  const kind: Kind = kinds[chosen]
  for (const key of Object.keys(source) as Key[]) {
    if (source[key] === undefined || key === chosen || kind.keys.includes(key)) continue
    complain([...path, key], `"${key}" cannot be combined with "${chosen}": ${kind.why}`)
  }
  kind.check?.(source, path, complain)
  checkSplit(source, chosen, path, complain)
}

function checkSplit(source: WrittenSource, chosen: Key, path: Path, complain: Complain): void {
  if (chosen !== 'metadata' && chosen !== 'rootfs') return
  for (const key of ['metadata', 'rootfs'] as const)
    if (source[key] === undefined)
      complain(path, `"${key}" is missing: a split image consists of "metadata" and "rootfs"`)
}

function checkRemote(source: WrittenSource, path: Path, complain: Complain): void {
  const { remote = '', protocol, secret, secretFile, serverCertificate } = source
  checkName(source, path, complain)
  const isAddress = remote.includes('://')
  if (isAddress) checkRemoteAddress(source, remote, path, complain)
  else if (serverCertificate !== undefined)
    complain(
      [...path, 'serverCertificate'],
      '"serverCertificate" is allowed only with an address: a remote of your own configuration has its own settings',
    )
  if (protocol === 'oci') checkRegistry(source, path, complain)
  const secretKey = secret !== undefined ? 'secret' : 'secretFile'
  if (secret !== undefined && secretFile !== undefined)
    complain([...path, 'secretFile'], '"secretFile" cannot be combined with "secret": give one of them')
  if (secret === undefined && secretFile === undefined) return
  if (protocol === 'oci') return
  if (protocol === 'simplestreams')
    complain(
      [...path, secretKey],
      `"${secretKey}" has no effect with simplestreams: every image there is public`,
    )
  if (source.fingerprint?.length !== 64)
    complain(
      [...path, secretKey],
      `"${secretKey}" needs the full "fingerprint" of 64 hex digits: servers give out a private image under no other name`,
    )
}

const usersInstead =
  'a registry has users instead: leave it out, and run "skopeo login" on the machine of the server that downloads'

const notOfRegistries = {
  fingerprint:
    'a registry knows its images by tags and digests: use "alias", such as "library/alpine:3.20" or "library/alpine@sha256:…"',
  secret: usersInstead,
  secretFile: usersInstead,
  project: 'a registry has no projects',
  insecure: 'servers download from registries over https only',
} as const

function checkRegistry(source: WrittenSource, path: Path, complain: Complain): void {
  for (const [key, why] of Object.entries(notOfRegistries) as [keyof typeof notOfRegistries, string][])
    if (source[key] !== undefined)
      complain([...path, key], `"${key}" cannot be combined with "protocol: oci": ${why}`)
  if (source.type === 'virtual-machine')
    complain([...path, 'type'], '"type" must be "container": images of registries are of containers only')
  if (source.alias === undefined) return
  try {
    parseImageName(source.alias)
  } catch (error) {
    complain([...path, 'alias'], `"alias": ${messageOf(error)}`)
  }
}

function checkRemoteAddress(source: WrittenSource, remote: string, path: Path, complain: Complain): void {
  const { protocol, insecure = false } = source
  if (!URL.canParse(remote) || !/^https?:$/.test(new URL(remote).protocol)) {
    complain(
      [...path, 'remote'],
      '"remote" must be an address such as "https://images.example.org", or the name of a remote',
    )
    return
  }
  if (protocol === undefined)
    complain(
      path,
      '"protocol" is missing: an address needs one of "lxd", "incus", "simplestreams" and "oci"; write "protocol: oci" for a registry, with an "alias" such as "library/alpine:3.20"',
    )
  const { username, password } = new URL(remote)
  if (protocol === 'oci' && (username !== '' || password !== ''))
    complain(
      [...path, 'remote'],
      '"remote" contains credentials, which servers store and show to everybody who sees the image: leave them out, and log in with "docker login", and on the machine of the server with "skopeo login"',
    )
  if (new URL(remote).protocol === 'https:') return
  if (protocol !== undefined && protocol !== 'simplestreams')
    complain(
      [...path, 'remote'],
      `"remote" must begin with "https://": ${protocol} servers accept nothing else`,
    )
  else if (!insecure)
    complain(
      [...path, 'remote'],
      '"remote" is plain http, so anybody on the network path can change what is installed: use "https://", or add "insecure: true" to accept that',
    )
}

function checkUrl({ url = '', insecure = false }: WrittenSource, path: Path, complain: Complain): void {
  if (insecure || !url.startsWith('http:')) return
  complain(
    [...path, 'url'],
    '"url" is plain http, so anybody on the network path can read and change the file: use "https://", or add "insecure: true" to accept that',
  )
}

function checkName({ alias, fingerprint }: WrittenSource, path: Path, complain: Complain): void {
  if (alias === undefined && fingerprint === undefined)
    complain(path, '"alias" or "fingerprint" is missing: say which image to use')
  if (alias !== undefined && fingerprint !== undefined)
    complain([...path, 'fingerprint'], '"fingerprint" cannot be combined with "alias": give one of them')
}

function checkFullFingerprint({ fingerprint = '' }: WrittenSource, path: Path, complain: Complain): void {
  if (fingerprint.length === 64) return
  complain(
    [...path, 'fingerprint'],
    '"fingerprint" must have all 64 hex digits: nothing else identifies the image',
  )
}
