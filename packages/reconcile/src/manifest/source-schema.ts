import * as v from 'valibot'
import { optionalKey } from './optional-key.ts'
import { sha256, text } from './text-schemas.ts'

const name = v.pipe(
  text,
  v.regex(/^[^/\\?#%\s]{1,128}$/, 'must be the name of an instance or snapshot, without "/" or spaces'),
)

const address = v.pipe(
  text,
  v.check(isAddress, 'must be an address that begins with "https://" (or "http://") and has no user name'),
)

const fingerprint = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F]{12,64}$/, 'must be a fingerprint: 12 to 64 hex digits'),
  v.toLowerCase(),
)

/** The keys of all kinds of sources; `checkSource` checks which of them go together. */
export const sourceSchema = v.strictObject({
  file: optionalKey(text, 'A unified image file, relative to the manifest.'),
  metadata: optionalKey(
    text,
    'Metadata archive of a split image, relative to the manifest; together with `rootfs`.',
  ),
  rootfs: optionalKey(
    text,
    'Root file system or disk of a split image, relative to the manifest; together with `metadata`.',
  ),
  type: optionalKey(
    v.picklist(['container', 'virtual-machine']),
    'Type of a split image, or the type that an image of a remote must have. Default: recognized from the `rootfs` file; for a remote, any type.',
  ),
  sha256: optionalKey(sha256, 'Fingerprint that the content must have.'),
  remote: optionalKey(
    text,
    'Address of another server, or the name of a remote in your `incus` or `lxc` client configuration.',
  ),
  protocol: optionalKey(
    v.picklist(['lxd', 'incus', 'simplestreams', 'oci']),
    'Protocol of the remote, `oci` for a registry; required with an address. Default: as in your client configuration.',
  ),
  alias: optionalKey(
    text,
    'Alias of the image on the remote or server, or its name in a registry; when it moves, the image of this manifest follows.',
  ),
  fingerprint: optionalKey(
    fingerprint,
    'Fingerprint of the image on the remote or server. Without `remote` and `server`, all 64 digits of an image that the servers must already have.',
  ),
  secret: optionalKey(text, 'Secret that gives access to a private image; it needs the full `fingerprint`.'),
  secretFile: optionalKey(text, 'File with the secret, relative to the manifest.'),
  project: optionalKey(
    text,
    'Project of the image on the remote. Default: the project of the remote, else `default`.',
  ),
  serverCertificate: optionalKey(
    text,
    'PEM file with the certificate that the remote must present, relative to the manifest. Servers that download the image get it as well, except from a registry.',
  ),
  url: optionalKey(address, 'Address of the image to download.'),
  insecure: optionalKey(
    v.boolean(),
    'Allows plain http, and content that nothing verifies. Default: `false`.',
  ),
  instance: optionalKey(name, 'Instance to publish as the image.'),
  snapshot: optionalKey(name, 'Snapshot of the instance to publish.'),
  compression: optionalKey(
    text,
    'How the published image is compressed, such as `zstd` or `xz -9`. Default: as configured on the server.',
  ),
  format: optionalKey(
    v.picklist(['unified', 'split']),
    'Whether the published image is one file or two; newer Incus only. Default: `unified`.',
  ),
  server: optionalKey(
    text,
    'Another server of this manifest that has the image, or that publishes `instance` for all servers.',
  ),
})

export type WrittenSource = v.InferOutput<typeof sourceSchema>

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
