/** Which client's configuration: `incus`, or `lxc`, the client of LXD. */
export type ClientName = 'incus' | 'lxc'

/** A named server of a client configuration. */
export type Remote = UsableRemote | DisabledRemote

/** What is known of each remote. */
export interface RemoteEntry {
  name: string
  client: ClientName
  /** URLs, or `unix:` forms, in the order to try. */
  addresses: string[]
  /** Asked without a client certificate. */
  public: boolean
  /** `tls`, `oidc` or another word of the configuration; nothing for public remotes. */
  authType: string | undefined
  project: string | undefined
  /** Where it is written. */
  origin: 'user' | 'global' | 'built-in'
  /** Path of the `config.yml` that has it; nothing for a built-in remote that none has. */
  file?: string
}

/** A remote that was understood. */
export interface UsableRemote extends RemoteEntry {
  protocol: 'incus' | 'lxd' | 'simplestreams'
  disabled?: undefined
}

/** A remote that cannot be used; all others can. */
export interface DisabledRemote extends RemoteEntry {
  /** As it is written; empty where that is no text. */
  protocol: string
  /** Why not: a clause with the place in the file, such as `it has no "addr" (…/config.yml:3:5)`. */
  disabled: string
}

/** What one client (`incus` or `lxc`) knows of servers. */
export interface ClientConfiguration {
  client: ClientName
  /** Folder of the user, with `client.crt`, `servercerts/` and so on; it may not exist. */
  folder: string
  globalFolder: string
  /** The user's `config.yml`, where it exists. */
  file: string | undefined
  /** The `config.yml` of all users, where it exists. */
  globalFile: string | undefined
  /** Further `config.yml` of this client, in other folders that it may have: they were not read. */
  otherFiles: string[]
  /**
   * Files that could not be read or understood, each an error with file, line and column. Where the user's own is among them,
   * nothing is known of this client's remotes, and `remotes` is empty.
   */
  problems: Error[]
  defaultRemote: string
  /** The project that the environment asks for. */
  project: string | undefined
  /** Also those that are disabled. */
  remotes: ReadonlyMap<string, Remote>
}
