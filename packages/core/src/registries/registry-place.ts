import type { ReadOnce } from './read-once.ts'

/** The credentials of a user at a registry. */
export interface RegistryCredentials {
  /** Empty for an identity token. */
  username: string
  /** A password, or the identity token. */
  secret: string
  /** Where they were found, for errors: `~/.docker/config.json`. */
  from: string
}

/** Keeps documents of registries by their digests, which never change, so that a registry that counts requests is not asked for them again. */
export interface RegistryDocuments {
  /** @returns undefined if it is not kept; what is returned is verified */
  read(digest: string): Promise<string | undefined>
  /** It must not fail if the document cannot be kept. */
  write(digest: string, text: string): Promise<void>
}

/**
 * The registries that answered 429 with a time before which they must not be asked again, by origin. Registries that were opened with the
 * same limits keep to it together; a new `Map` is enough to begin with.
 */
export type RegistryLimits = Map<string, RegistryLimit>

export interface RegistryLimit {
  /** Milliseconds since 1970. */
  until: number
  /** Says the same each time, so that a failure that lasts can be recognized. */
  why: string
  serverMessage: string
}

/** The address of a registry, and how to reach it. */
export interface RegistryPlace {
  /** As servers are given it, without a slash at the end. */
  url: string
  /** The origin that answers the API, which is another one for docker.io. */
  origin: string
  /** The path of the address, with a slash at its end if there is one: `team/`. */
  prefix: string
  /** Whether names without a slash are below `library/`, as on docker.io. */
  hasLibrary: boolean
  /** The name in errors. */
  name: string
  /** Bytes of the longest document that is read. */
  maxDocument: number
  documents: RegistryDocuments | undefined
  /** Asked for only when the registry wants credentials. */
  credentials: () => Promise<RegistryCredentials | undefined>
  fetch(input: string, init: RequestInit): Promise<Response>
  /** Values of the header Authorization by scope. */
  authorizations: Map<string, string>
  limits: RegistryLimits
  /** Gives what was read under a key; undefined: everything is read each time. */
  shared: ReadOnce | undefined
}

/** The path of a repository in the API. */
export function apiName({ prefix, hasLibrary }: RegistryPlace, repository: string): string {
  const name = `${prefix}${repository}`
  return hasLibrary && !name.includes('/') ? `library/${name}` : name
}
