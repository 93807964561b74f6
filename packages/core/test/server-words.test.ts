import { describe, expect, test } from 'vitest'
import { type ServerMeaning, saysThat, wordings } from '../src/model/server-words.ts'

const fp = 'a1'.repeat(32)
const other = 'b2'.repeat(32)

/** Each wording as a server said it, and all that this package reads in it. */
const heard: readonly [words: string, ...meanings: ServerMeaning[]][] = [
  // An image that is there already.
  ['Image with same fingerprint already exists', 'image-exists'],
  [`The image already exists: ${fp}`, 'image-exists'],
  ['UNIQUE constraint failed: images.project_id, images.fingerprint', 'image-exists'],
  [
    'Failed creating image record: Failed saving main image record: UNIQUE constraint failed: images.project_id, images.fingerprint',
    'image-exists',
  ],
  [
    'Failed saving main image record: UNIQUE constraint failed: images.project_id, images.fingerprint',
    'image-exists',
  ],
  ['Image record already exists', 'image-exists'],
  ['Alias already exists: ubuntu/noble', 'alias-exists'],
  ['http: request body too large', 'body-too-large'],

  // What became of an operation cannot be told.
  ['Operation exited uncleanly or was unable to report its status', 'operation-lost'],

  // A cluster without a leader, for some seconds.
  [
    'Failed to begin transaction: failed to create cowsql connection: no available cowsql leader server found',
    'no-leader',
  ],
  [
    'Failed to begin transaction: failed to create dqlite connection: no available dqlite leader server found',
    'no-leader',
  ],
  [
    'Failed beginning transaction: failed to create dqlite connection: no available dqlite leader server found',
    'no-leader',
  ],
  [
    'Failed getting identity details: Failed beginning transaction: failed to create dqlite connection: no available dqlite leader server found',
    'no-leader',
  ],

  // What Incus' skopeo says of a registry of OCI images.
  [
    'Failed getting remote image info: Failed to run: skopeo --insecure-policy inspect docker://h:1/team/app:1 --no-tags: exit status 1 (time="2026-11-30T07:26:31Z" level=fatal msg="Error parsing image name \\"docker://h:1/team/app:1\\": reading manifest 1 in h:1/team/app: authentication required")',
    'registry-denies',
  ],
  [
    'Failed getting remote image info: Failed to run: skopeo --insecure-policy inspect docker://h:1/team/app:1 --no-tags: exit status 1 (time="2026-11-30T07:26:44Z" level=fatal msg="Error parsing image name \\"docker://h:1/team/app:1\\": pinging container registry h:1: Get \\"https://h:1/v2/\\": tls: failed to verify certificate: x509: certificate signed by unknown authority")',
    'registry-untrusted',
    'certificate-unknown',
  ],

  // What this client may not ask.
  ['Unauthenticated image queries are only possible against the default project', 'not-authorized'],
  ['Failed to get a permission checker: User does not have permissions for project "own"', 'not-authorized'],

  // What is not there, here and at a source.
  ['Image not found', 'image-missing', 'not-at-source'],
  [`Image "${fp}" not found`, 'image-missing', 'not-at-source'],
  ['Image "a" not found', 'image-missing', 'not-at-source'],
  [
    'Failed checking project "default" image feature: Image not found',
    'image-missing-oddly',
    'not-at-source',
  ],
  [
    'Failed to check project "default" image feature: Image not found',
    'image-missing-oddly',
    'not-at-source',
  ],
  ['Failed getting remote image info: Failed getting image: Image not found', 'not-at-source'],
  [`Failed getting remote image info: Failed getting image: Image "${fp}" not found`, 'not-at-source'],
  ['Not Found', 'not-at-source'],
  ['Failed getting remote image info: Not Found', 'not-at-source'],
  ['Failed getting remote image info: not found', 'not-at-source'],
  [
    "Failed getting remote image info: Failed getting image: The requested image couldn't be found",
    'not-at-source',
  ],
  [
    `Failed getting remote image info: Failed getting image: The requested image couldn't be found for fingerprint "${fp}"`,
    'not-at-source',
  ],
  [
    `Failed getting remote image info: The requested image could not be found for fingerprint "${fp}"`,
    'not-at-source',
  ],
  [
    'The requested image couldn\'t be found for instance type "virtual-machine", but one was found for instance type "container"',
    'not-at-source',
  ],
  [
    'Failed getting remote image info: Image fingerprint prefix must contain 12 characters or more',
    'no-fingerprint',
  ],
  ['Image fingerprint prefix must contain 12 characters or more', 'no-fingerprint'],
  ['Image fingerprint cannot be longer than 64 characters', 'no-fingerprint'],
  [
    'Failed getting remote image info: Failed validating image fingerprint: Hash must contain only lowercase hexadecimal characters',
    'no-fingerprint',
  ],
  [
    'Failed getting remote image info: Image fingerprint prefix must contain only lowercase hexadecimal characters',
    'no-fingerprint',
  ],
  [`open /var/lib/lxd/images/${fp}: no such file or directory`, 'content-lost'],

  // Bytes and their hash.
  [`fingerprints don't match, got ${fp} expected ${other}`, 'fingerprint-mismatch'],
  [`Fingerprints don't match, got ${fp} expected ${other}`, 'fingerprint-mismatch'],
  [`Fingerprints do not match, got ${fp} expected ${other}`, 'fingerprint-mismatch'],
  [`Image fingerprint doesn't match. Got ${fp} expected ${other}`, 'fingerprint-mismatch'],
  [`Hash mismatch for "https://h/x.tar.xz": ${fp} != ${other}`, 'fingerprint-mismatch'],

  // What is no image.
  ['Unsupported compression', 'not-an-archive'],
  ['EOF', 'not-an-archive'],
  ['unexpected EOF', 'not-an-archive'],
  ['Metadata tarball is missing metadata.yaml', 'metadata-missing'],
  ['Missing creation date', 'creation-date-missing'],
  ["Architecture isn't supported: pdp11", 'architecture-unsupported'],
  ['Architecture isn\'t supported: "pdp11"', 'architecture-unsupported'],
  ['Architecture is not supported: "pdp11"', 'architecture-unsupported'],
  ['Invalid instance type', 'rootfs-missing'],

  // Other servers, and this one.
  [
    'Failed to connect to LXD server "https://h:8443": Get "https://h:8443/1.0": x509: certificate signed by unknown authority',
    'certificate-unknown',
  ],
  [
    'Failed getting remote image info: Get "https://h:8443/1.0/images/x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'certificate-unknown',
  ],
  ['Missing LXD-Image-Hash header', 'url-names-no-image'],
  ['Missing Incus-Image-URL header', 'url-names-no-image'],
  ['More than one image matches', 'ambiguous'],
  // Members of a cluster that are down.
  ['Missing event connection with target cluster member', 'member-silent'],
  ['Target cluster member is unavailable', 'member-down'],
  ['Cluster member "m3" is offline', 'member-down'],
  ['Image not available on any online member', 'member-down'],
  ['peer node 127.0.0.1:17984 is down', 'member-down'],
  ['Peer cluster member m3 at 10.0.0.3:8443 is down', 'member-down'],
  [
    `failed to notify peer 127.0.0.1:17984: Failed to request to delete image from peer node: Delete "https://127.0.0.1:17984/1.0/images/${fp}?project=default": Unable to connect to: 127.0.0.1:17984 ([dial tcp 127.0.0.1:17984: connect: connection refused])`,
    'half-deleted',
  ],
  [
    `Failed notifying cluster member "m3" at "127.0.0.1:14739": Failed requesting to delete image from peer node: Delete "https://127.0.0.1:14739/1.0/images/${fp}?project=default": Cannot connect to: 127.0.0.1:14739 (dial tcp 127.0.0.1:14739: connect: connection refused)`,
    'half-deleted',
  ],
  [
    `Failed notifying cluster member "m3" at "127.0.0.1:20483": Failed to request to delete image from peer node: Delete "https://127.0.0.1:20483/1.0/images/${fp}?project=default": Unable to connect to: 127.0.0.1:20483 ([dial tcp 127.0.0.1:20483: connect: connection refused])`,
    'half-deleted',
  ],
  [`Image "${fp}" file is missing on this cluster member`, 'content-lost'],
  ["Server isn't ready yet", 'unavailable'],
  ['failed to begin transaction: sql: database is closed', 'unavailable'],
  [
    'OpenID Connect discovery failed: Get "https://idp/.well-known/openid-configuration": dial tcp',
    'provider-unreachable',
  ],

  // What a status code, an extension or a second look tells; the words are never looked at.
  ...[
    'not authorized',
    'Forbidden',
    'not implemented',
    'Not Implemented',
    'Alias "ubuntu/noble" already exists',
    'Image alias not found',
    'name and target are required',
    'Alias name and target are required',
    'The target field is required',
    "ETag doesn't match: a vs b",
    'ETag does not match: a vs b. The configuration has been modified since this change began. Please retry',
    'Metadata tarball is missing its index',
    'yaml: line 3: mapping values are not allowed in this context',
    'yaml: input error: input data is larger than maximum 1048576 bytes',
    'go-yaml load error in parser (line 2): did not find expected key',
    'Invalid multipart image',
    "invalid character 'x' looking for beginning of value",
    'Invalid images JSON',
    'Instance not found',
    'Failed to fetch instance "x" in project "p": Instance not found',
    'Failed fetching instance "x" in project "p": Instance not found',
    'Invalid compression algorithm "x"',
    'Compression algorithm "x" isn\'t currently supported',
    'Compression algorithm argument "-19" isn\'t allowed',
    'exec: "pigz": executable file not found in $PATH',
    'reached 6000000 bytes, exceeding quota of 1048576',
    "Profile 'x' doesn't exist",
    'Profile "x" does not exist',
    'Check if project has images: fetch project: Project not found',
    'Project "nope" does not exist',
    "This operation can't be cancelled",
    'Only running operations can be cancelled',
    'Operation not found',
    'Invalid filter: x',
    'Invalid type "bool" for field "public"',
    'strconv.Atoi: parsing "x": invalid syntax',
    'context deadline exceeded',
    'context canceled',
    'Failed beginning transaction: context canceled',
    'disk I/O error',
    'Untrusted callers may only access public images in the default project',
    'Certificate is restricted',
    'User does not have permission for project "p"',
    'Unsupported protocol: incus',
    'Invalid protocol: lxd',
    'Invalid protocol: ',
    'Invalid remote certificate',
    'Invalid PEM block',
    'must specify one of alias or fingerprint for init from image',
    'Failed connecting to LXD server "": Get "/1.0": unsupported protocol scheme ""',
    'Failed connecting to LXD server "https://h:1": Get "https://h:1/1.0": Cannot connect to: h:1 (dial tcp 127.0.0.1:1: connect: connection refused)',
    'Failed to connect to LXD server "https://h:1": Get "https://h:1/1.0": Unable to connect to: h:1 ([dial tcp 127.0.0.1:1: connect: connection refused])',
    'Failed getting remote image info: Get "https://h:1/1.0/images/x": dial tcp: lookup h: no such host',
    'Failed getting remote image info: Unable to fetch https://h/streams/v1/index.json: 404 Not Found',
    'Image source not found',
    'Image download from client-specified URL is not supported',
    'Images can only be marked public in the default project',
    'Invalid type for field "properties"',
    'Invalid image alias name: Name cannot contain white space',
    'Invalid image fingerprint',
    'Invalid image format',
    'LXD is shutting down',
    'Shutting down',
    'Daemon is starting up',
    'Client is already trusted',
    'No client certificate provided',
    'No matching certificate add operation found',
    'This "identity" entry already exists',
    'Password authentication is no longer supported, please update your client',
    'Failed syncing image between nodes: Failed copying image to "m2": Forbidden',
    'Failed creating "templates" for instance "i/s" (x): mkdirat templates: read-only file system',
    'Storage volume not found',
  ].map((words): [string] => [words]),
]

const meanings: readonly ServerMeaning[] = [...new Set(heard.flatMap(([, ...all]) => all))]

describe('the table of server wordings', () => {
  test('every wording in the table matches a recorded text', () => {
    const unheard = wordings.filter(({ words }) => !heard.some(([text]) => words.test(text)))
    expect(unheard).toEqual([])
  })

  test.each(heard)('%j has its meaning and no other', (words, ...expected) => {
    expect(meanings.filter((meaning) => saysThat(words, meaning)).sort()).toEqual([...expected].sort())
  })
})
