/** Which client's configuration: `incus`, or `lxc`, the client of LXD. */
export type ClientName = 'incus' | 'lxc'

/** A named server of a client configuration. */
export interface Remote {
  name: string
  client: ClientName
  /** URLs, or `unix:` forms, in the order to try. */
  addresses: string[]
  protocol: 'incus' | 'lxd' | 'simplestreams'
  /** Asked without a client certificate. */
  public: boolean
  /** `tls`, `oidc` or another word of the configuration; nothing for public remotes. */
  authType: string | undefined
  project: string | undefined
  /** Where it is written. */
  origin: 'user' | 'global' | 'built-in'
}

/** What one client (`incus` or `lxc`) knows of servers. */
export interface ClientConfiguration {
  client: ClientName
  /** Folder of the user, with `client.crt`, `servercerts/` and so on; it may not exist. */
  folder: string
  globalFolder: string
  /** The user's `config.yml`, where it exists. */
  file: string | undefined
  defaultRemote: string
  /** The project that the environment asks for. */
  project: string | undefined
  remotes: ReadonlyMap<string, Remote>
}
