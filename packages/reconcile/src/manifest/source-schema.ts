import * as v from 'valibot'
import { optionalKey } from './optional-key.ts'
import { sha256, text } from './text-schemas.ts'

const name = v.pipe(
  text,
  v.regex(/^[^/\\?#%\s]{1,128}$/, 'must be the name of an instance or snapshot, without "/" and spaces'),
)

const address = v.pipe(
  text,
  v.check(isAddress, 'must be an address that begins with "https://" (or "http://"), without a user name'),
)

const fingerprint = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F]{12,64}$/, 'must be a fingerprint: 12 to 64 hex digits'),
  v.toLowerCase(),
)

/** The keys of all kinds of sources; which go together is said by `checkSource`. */
export const sourceSchema = v.strictObject({
  file: optionalKey(text, 'A unified image file; relative to the manifest.'),
  metadata: optionalKey(text, 'Metadata archive of a split image; goes with `rootfs`.'),
  rootfs: optionalKey(text, 'Root filesystem or disk of a split image; goes with `metadata`.'),
  type: optionalKey(
    v.picklist(['container', 'virtual-machine']),
    'Kind of a split image, or the kind that an alias of a remote must name. Default: told from the rootfs file; of a remote, either.',
  ),
  sha256: optionalKey(sha256, 'The fingerprint that the content must have.'),
  remote: optionalKey(
    text,
    'Address of another server, or the name of a remote in your own incus or lxc client configuration.',
  ),
  protocol: optionalKey(
    v.picklist(['lxd', 'incus', 'simplestreams']),
    'How the remote is spoken to; needed with an address. Default: as your own configuration says.',
  ),
  alias: optionalKey(text, 'Alias of the image there; where it moves, the image of this manifest follows.'),
  fingerprint: optionalKey(
    fingerprint,
    'Fingerprint of the image there; alone and whole: of an image that the servers must have already.',
  ),
  secret: optionalKey(text, 'The secret that gives access to a private image; needs its whole fingerprint.'),
  secretFile: optionalKey(text, 'A file that holds the secret; relative to the manifest.'),
  project: optionalKey(
    text,
    "Project of the image on the remote. Default: the remote's own, else `default`.",
  ),
  serverCertificate: optionalKey(
    text,
    'PEM file with the certificate that the remote must show; relative to the manifest. Servers that download are given it.',
  ),
  url: optionalKey(address, 'Address of the image to download.'),
  insecure: optionalKey(v.boolean(), 'Allows plain http and unverified sources. Default: `false`.'),
  instance: optionalKey(name, 'An instance to publish.'),
  snapshot: optionalKey(name, 'A snapshot of the instance to publish.'),
  compression: optionalKey(
    text,
    'How a published image is compressed, such as `zstd` or `xz -9`. Default: as the server is set.',
  ),
  format: optionalKey(
    v.picklist(['unified', 'split']),
    'Whether a published image is one file or two; newer Incus only. Default: `unified`.',
  ),
  server: optionalKey(
    text,
    'Another server of this manifest: it has the image, or with `instance`, it publishes it for all.',
  ),
})

export type WrittenSource = v.InferOutput<typeof sourceSchema>

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
