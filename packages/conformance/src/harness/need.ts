/** What a case needs besides a server and its client; a target gives a sentence for each one that it lacks. */
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
  /** A server only for the case, which it may restart and kill. */
  | 'restart'
  /** Profiles other than `default`. */
  | 'profiles'
  /** A trust password. */
  | 'trust-password'
  /** Identities with fine-grained permissions. */
  | 'fine-grained'
  /** Bearer tokens that the server issues. */
  | 'bearer-tokens'
