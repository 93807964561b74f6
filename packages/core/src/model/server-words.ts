/**
 * Meanings that servers express only in their error texts, and not by a status code or an extension.
 *
 * This is the only place with the wordings that this package acts on, each with the servers that use it. Wordings change between versions
 * (`fingerprints don't match, got`, `Fingerprints do not match, got`), so other code asks for the meaning.
 */
export type ServerMeaning =
  /** The image that should be created is there already. */
  | 'image-exists'
  /** An alias for the new image is taken. */
  | 'alias-exists'
  /** The image is not there. */
  | 'image-missing'
  /** The same, in words about something else (T67). */
  | 'image-missing-oddly'
  /** The other server answered that it has no such image, or shows none to a stranger. */
  | 'not-at-source'
  /** An unknown alias was taken for a fingerprint. If the request named an alias, it means `not-at-source`. */
  | 'no-fingerprint'
  /** The record of an image is there, but its file is not. */
  | 'content-lost'
  /** The bytes do not have the announced hash. */
  | 'fingerprint-mismatch'
  | 'not-an-archive'
  | 'metadata-missing'
  | 'creation-date-missing'
  | 'architecture-unsupported'
  | 'rootfs-missing'
  | 'certificate-unknown'
  /** An operation that was running when the server was killed, read after the restart: its work may have been done. */
  | 'operation-lost'
  /** A registry refuses the server's program for downloads, which has credentials of its own or none. */
  | 'registry-denies'
  /** The system of the server does not trust a registry. */
  | 'registry-untrusted'
  /** A web page lacks the headers that name an image. */
  | 'url-names-no-image'
  /** Several fingerprints begin with the given one. */
  | 'ambiguous'
  /** The body of the request is longer than the server allows. */
  | 'body-too-large'
  /** The client has no right to the call; the status means something else. */
  | 'not-authorized'
  /** The server cannot answer at this moment. */
  | 'unavailable'
  /** The members of the cluster are electing a leader of their database. Nothing of the request was carried out. */
  | 'no-leader'
  /** A member of the cluster that the call needs is down. */
  | 'member-down'
  /** A member of the cluster could not take part in a deletion, and others may have deleted the file already. */
  | 'half-deleted'
  /** A member of the cluster that the call needs does not answer at this moment. */
  | 'member-silent'
  /** The server cannot reach its OIDC provider. */
  | 'provider-unreachable'

interface Wording {
  meaning: ServerMeaning
  words: RegExp
  /** The servers that use it; `all` are LXD 5.0.2 to main of August 2026, Incus 6.0.4 and 7.0.2. */
  from: string
}

/** All wordings and their meanings. */
export const wordings: readonly Wording[] = [
  { meaning: 'image-exists', words: /^Image with same fingerprint already exists/, from: 'all, upload' },
  { meaning: 'image-exists', words: /^The image already exists: /, from: 'all, publish' },
  {
    meaning: 'image-exists',
    words: /UNIQUE constraint failed: images\.project_id, images\.fingerprint/,
    from: 'LXD 5.0, Incus 6.0 and 7.0; the later one of two uploads at once',
  },
  {
    meaning: 'image-exists',
    words: /^Image record already exists/,
    from: 'Incus 7.0.1 and newer; the later one of two uploads at once',
  },
  { meaning: 'alias-exists', words: /^Alias already exists: /, from: 'all' },
  {
    meaning: 'image-missing-oddly',
    words: /^Failed (?:to check|checking) project ".*" image feature: Image not found$/,
    from: 'LXD 5.21 and newer',
  },
  { meaning: 'image-missing', words: /^Image (?:".*" )?not found$/, from: 'all' },
  {
    meaning: 'not-at-source',
    words: /The requested image (?:couldn['’]t|could not) be found/,
    from: 'all, simplestreams; Incus 7.0.1 and newer also where the type is another',
  },
  { meaning: 'not-at-source', words: /(?:^|: )Image (?:".*" )?not found$/, from: 'LXD 5.0, Incus' },
  { meaning: 'not-at-source', words: /(?:^|: )not found$/i, from: 'LXD 5.21 and newer as source' },
  {
    meaning: 'no-fingerprint',
    words: /fingerprint prefix must contain 12 characters or more/,
    from: 'LXD 5.21 and newer as source',
  },
  {
    meaning: 'no-fingerprint',
    words: /(?:[Ff]ingerprint|Hash).* must contain only lowercase hexadecimal characters/,
    from: 'LXD 5.21 and newer as source',
  },
  {
    meaning: 'no-fingerprint',
    words: /Image fingerprint cannot be longer than 64 characters/,
    from: 'LXD 5.21 and newer as source',
  },
  { meaning: 'content-lost', words: /file is missing on this cluster member/, from: 'Incus 7.0, as 404' },
  { meaning: 'content-lost', words: /no such file or directory/, from: 'LXD 5.0 as 500, others as 404' },
  {
    meaning: 'fingerprint-mismatch',
    words: /fingerprints don['’]t match, got/i,
    from: 'up to LXD 5.21, Incus',
  },
  { meaning: 'fingerprint-mismatch', words: /fingerprints do not match, got/i, from: 'LXD 6.9 and newer' },
  {
    meaning: 'fingerprint-mismatch',
    words: /^(?:.*: )?(?:Image fingerprint (?:doesn['’]t|does not) match|Hash mismatch for )/,
    from: 'all, from a url or simplestreams',
  },
  { meaning: 'not-an-archive', words: /^Unsupported compression|^EOF$|unexpected EOF/, from: 'all' },
  { meaning: 'metadata-missing', words: /missing metadata\.yaml/, from: 'all' },
  { meaning: 'creation-date-missing', words: /^Missing creation date/, from: 'all' },
  {
    meaning: 'architecture-unsupported',
    words: /^Architecture isn['’]t supported: /,
    from: 'LXD 5.0, Incus',
  },
  {
    meaning: 'architecture-unsupported',
    words: /^Architecture is not supported: /,
    from: 'LXD 5.21 and newer',
  },
  { meaning: 'rootfs-missing', words: /^Invalid instance type/, from: 'all' },
  {
    meaning: 'registry-denies',
    words: /skopeo .*(?:authentication required|access to the resource is denied|unauthorized)/s,
    from: 'Incus 7.0.2 with skopeo 1.18',
  },
  {
    meaning: 'registry-untrusted',
    words: /skopeo .*x509: /s,
    from: 'Incus 7.0.2 with skopeo 1.18',
  },
  { meaning: 'certificate-unknown', words: /x509: certificate signed by unknown authority/, from: 'all' },
  {
    meaning: 'operation-lost',
    words: /^Operation exited uncleanly or was unable to report its status/,
    from: 'LXD after 6.9, for a minute',
  },
  {
    meaning: 'url-names-no-image',
    words: /^Missing (?:LXD|Incus)-Image-(?:Hash|URL) header$/,
    from: 'all but LXD 6.9',
  },
  {
    meaning: 'body-too-large',
    words: /^http: request body too large$/,
    from: 'Incus 7.0: 400 of a PUT, 500 of a PATCH (T41)',
  },
  { meaning: 'ambiguous', words: /^More than one image matches/, from: 'all, as 500' },
  {
    meaning: 'not-authorized',
    words: /^Unauthenticated image queries are only possible against the default project/,
    from: 'Incus 6.0 and 7.0, as 400, to strangers and clients of other projects',
  },
  {
    meaning: 'not-authorized',
    words: /^Failed to get a permission checker: User does not have permission/,
    from: 'Incus 6.0.4, as 500, to clients of other projects that list aliases',
  },
  // A member of a cluster cannot be reached now. LXD 5.0.2 says it on a single server too, at the moment at which it forgets a finished
  // operation: the next call is answered with 404.
  {
    meaning: 'member-silent',
    words: /^Missing event connection with target cluster member/,
    from: 'all clusters, 10 s after the call; LXD 5.0.2',
  },
  {
    meaning: 'member-down',
    words: /^Target cluster member is unavailable/,
    from: 'Incus 7.0, as 500: for an operation, an instance or a file of the member',
  },
  { meaning: 'member-down', words: /^Cluster member ".*" is offline/, from: 'Incus 7.0' },
  {
    meaning: 'member-down',
    words: /Image not available on any online member/,
    from: 'all clusters: only members that are down have the file',
  },
  {
    meaning: 'member-down',
    words: /^peer node \S+ is down|^Peer cluster member \S+ at \S+ is down/,
    from: 'LXD 5.0.2+git and Incus; LXD 6.9: no image can be deleted, wherever its file is (T78)',
  },
  {
    meaning: 'half-deleted',
    words: /^failed to notify peer |^Failed notifying cluster member "/,
    from: 'all clusters, for a deletion, while a member that is down does not count as offline (T83)',
  },
  {
    meaning: 'no-leader',
    words:
      /^(?:Failed getting identity details: )?Failed (?:to begin|beginning) transaction: .*no available \w+ leader server found/,
    from: 'LXD 5.21.7 and 6.9 (dqlite), Incus 7.0.2 (cowsql), as 503',
  },
  {
    meaning: 'unavailable',
    words: /^Server isn['’]t ready yet/,
    from: 'Incus 6.0 as 500, through another member while this one starts',
  },
  {
    meaning: 'unavailable',
    words: /sql: database is closed/,
    from: 'LXD 5.0.2, Incus 6.0.4, for a moment while they shut down',
  },
  { meaning: 'provider-unreachable', words: /discovery|fetch key|get keys/i, from: 'Incus 6.0.4 and 7.0.2' },
]

/** Whether a server means this by its words. */
export function saysThat(words: string, meaning: ServerMeaning): boolean {
  return wordings.some((wording) => wording.meaning === meaning && wording.words.test(words))
}
