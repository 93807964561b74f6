import type { Path } from './read-value.ts'
import type { WrittenSource } from './source-schema.ts'

type Complain = (path: Path, message: string) => void
type Key = keyof WrittenSource

/** The key that says the kind of a source, what it is in words, and the keys that go with it. */
interface Kind {
  what: string
  keys: readonly Key[]
  check?: (source: WrittenSource, path: Path, complain: Complain) => void
}

const kinds = {
  file: { what: 'a unified image is one file, and says itself what it is', keys: ['sha256'] },
  metadata: { what: 'a split image is two files', keys: ['rootfs', 'type', 'sha256'] },
  rootfs: { what: 'a split image is two files', keys: ['metadata', 'type', 'sha256'] },
  remote: {
    what: 'an image of another server is named by its alias or fingerprint there',
    keys: [
      ...(['protocol', 'alias', 'fingerprint', 'secret', 'secretFile', 'project', 'type'] as const),
      ...(['serverCertificate', 'insecure'] as const),
    ],
    check: checkRemote,
  },
  url: { what: 'a file is downloaded from there as it is', keys: ['sha256', 'insecure'], check: checkUrl },
  instance: {
    what: 'an image is made of the instance',
    keys: ['snapshot', 'server', 'compression', 'format'],
  },
  server: {
    what: 'an image of another server of the manifest is named by its alias or fingerprint there',
    keys: ['alias', 'fingerprint'],
    check: checkName,
  },
  fingerprint: { what: 'the servers must have it already', keys: [], check: checkWhole },
} as const satisfies Partial<Record<Key, Kind>>

const order = Object.keys(kinds) as (keyof typeof kinds)[]

/** Whether the keys of a source are those of one kind. */
export function checkSource(source: WrittenSource, path: Path, complain: Complain): void {
  const chosen = order.find((key) => source[key] !== undefined)
  if (chosen === undefined) {
    complain(
      path,
      '"source" needs one of "file", "metadata" and "rootfs", "remote", "url", "instance", "server" and "fingerprint"',
    )
    return
  }
  const kind: Kind = kinds[chosen]
  for (const key of Object.keys(source) as Key[]) {
    if (source[key] === undefined || key === chosen || kind.keys.includes(key)) continue
    complain([...path, key], `"${key}" excludes "${chosen}": ${kind.what}`)
  }
  kind.check?.(source, path, complain)
  checkSplit(source, chosen, path, complain)
}

function checkSplit(source: WrittenSource, chosen: Key, path: Path, complain: Complain): void {
  if (chosen !== 'metadata' && chosen !== 'rootfs') return
  for (const key of ['metadata', 'rootfs'] as const)
    if (source[key] === undefined)
      complain(path, `"${key}" is missing: a split image is "metadata" and "rootfs"`)
}

function checkRemote(source: WrittenSource, path: Path, complain: Complain): void {
  const { remote = '', protocol, secret, secretFile, serverCertificate } = source
  checkName(source, path, complain)
  const isAddress = remote.includes('://')
  if (isAddress) checkRemoteAddress(source, remote, path, complain)
  else if (serverCertificate !== undefined)
    complain(
      [...path, 'serverCertificate'],
      '"serverCertificate" goes with an address only: a remote of your own configuration brings its own trust',
    )
  const secretKey = secret !== undefined ? 'secret' : 'secretFile'
  if (secret !== undefined && secretFile !== undefined)
    complain([...path, 'secretFile'], '"secretFile" excludes "secret": give it one way')
  if (secret === undefined && secretFile === undefined) return
  if (protocol === 'simplestreams')
    complain([...path, secretKey], `"${secretKey}" says nothing to simplestreams: everything there is public`)
  if (source.fingerprint?.length !== 64)
    complain(
      [...path, secretKey],
      `"${secretKey}" needs the whole "fingerprint", 64 hex digits: servers hand a private image out under no other name`,
    )
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
      '"protocol" is missing: an address says not whether "lxd", "incus" or "simplestreams" is spoken there',
    )
  if (new URL(remote).protocol === 'https:') return
  if (protocol !== undefined && protocol !== 'simplestreams')
    complain(
      [...path, 'remote'],
      `"remote" must begin with "https://": ${protocol} servers speak nothing else`,
    )
  else if (!insecure)
    complain(
      [...path, 'remote'],
      '"remote" is plain http, where anybody on the way can change what is installed: write "https://", or add "insecure: true" if that is meant',
    )
}

function checkUrl({ url = '', insecure = false }: WrittenSource, path: Path, complain: Complain): void {
  if (insecure || !url.startsWith('http:')) return
  complain(
    [...path, 'url'],
    '"url" is plain http, where anybody on the way can read and change it: write "https://", or add "insecure: true" if that is meant',
  )
}

function checkName({ alias, fingerprint }: WrittenSource, path: Path, complain: Complain): void {
  if (alias === undefined && fingerprint === undefined)
    complain(path, '"alias" or "fingerprint" is missing: which of its images is meant?')
  if (alias !== undefined && fingerprint !== undefined)
    complain([...path, 'fingerprint'], '"fingerprint" excludes "alias": name the image one way')
}

function checkWhole({ fingerprint = '' }: WrittenSource, path: Path, complain: Complain): void {
  if (fingerprint.length === 64) return
  complain(
    [...path, 'fingerprint'],
    '"fingerprint" must be whole here, 64 hex digits: it says what the content is',
  )
}
