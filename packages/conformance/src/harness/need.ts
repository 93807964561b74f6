/** What a case needs beyond a server and its client; a target says in a sentence why it lacks one. */
export type Need =
  /** A stopped instance with a snapshot, to publish. */
  | 'instance'
  /** A server that pulls from simplestreams. */
  | 'simplestreams'
  /** A server that downloads by URL. */
  | 'url-source'
  /** A second server of the same kind, to pull from. */
  | 'second-server'
  /** A server of the other kind, to copy from and to. */
  | 'other-kind'
  /** A server of the case's own, that it may restart and kill. */
  | 'restart'
  /** Profiles beside `default`. */
  | 'profiles'
  /** A trust password. */
  | 'trust-password'
  /** Identities with permissions of their own. */
  | 'fine-grained'
  /** Bearer tokens that the server issues. */
  | 'bearer-tokens'
