/** The client that a configuration belongs to: `incus`, or `lxc`, the client of LXD. */
export type ClientName = 'incus' | 'lxc'

/** A named server of a client configuration. */
export type Remote = UsableRemote | DisabledRemote

/** The part that all remotes have. */
export interface RemoteEntry {
  name: string
  client: ClientName
  /** URLs, or `unix:` forms, in the order in which they are tried. */
  addresses: string[]
  /** Whether it is used without a client certificate. */
  public: boolean
  /** `tls`, `oidc` or another word of the configuration; undefined for public remotes. */
  authType: string | undefined
  project: string | undefined
  /** Where it is defined. */
  origin: 'user' | 'global' | 'built-in'
  /** Path of the `config.yml` that defines it; absent for a built-in remote that no file defines. */
  file?: string
}

/** A remote that was understood. */
export interface UsableRemote extends RemoteEntry {
  /** `oci` is a registry of OCI images. */
  protocol: 'incus' | 'lxd' | 'simplestreams' | 'oci'
  /** A program that gives the credentials for a registry. */
  credentialsHelper?: string | undefined
  disabled?: undefined
}

/** A remote that cannot be used; it does not affect the others. */
export interface DisabledRemote extends RemoteEntry {
  /** As it is written; empty if that is not a string. */
  protocol: string
  /** Why not: a clause with the position in the file, such as `it has no "addr" (…/config.yml:3:5)`. */
  disabled: string
}

/** The configuration of one client, `incus` or `lxc`. */
export interface ClientConfiguration {
  client: ClientName
  /** The user's folder, with `client.crt`, `servercerts/` and so on; it may not exist. */
  folder: string
  globalFolder: string
  /** The user's `config.yml`, if it exists. */
  file: string | undefined
  /** The `config.yml` of all users, if it exists. */
  globalFile: string | undefined
  /** Paths of further `config.yml` files of this client, in other folders that it may use. They were not read. */
  otherFiles: string[]
  /**
   * An error with file, line and column for each file that could not be read or understood. If the user's own is among them, the
   * client's remotes are unknown, and `remotes` is empty.
   */
  problems: Error[]
  defaultRemote: string
  /** The project that the environment names. */
  project: string | undefined
  /** All remotes by name, disabled ones too. */
  remotes: ReadonlyMap<string, Remote>
}
