import { checkMaxDocument } from '../arguments/max-document.ts'
import { ArgumentError } from '../errors/errors.ts'
import { dockerHubHosts, tellRegistryImage } from '../model/docker-hub.ts'
import { listRepositories, listTags } from './list-names.ts'
import { createReadOnce } from './read-once.ts'
import type { RegistryImage } from './registry-image.ts'
import type {
  RegistryCredentials,
  RegistryDocuments,
  RegistryLimits,
  RegistryPlace,
} from './registry-place.ts'
import { type ResolveRegistryOptions, resolveDigest, resolveRegistryImage } from './resolve-registry-image.ts'

/** Options of {@link openRegistry}. */
export interface RegistryOptions {
  /** It must not follow a redirect if `redirect` is `manual`. @default globalThis.fetch */
  fetch?: RegistryPlace['fetch'] | undefined
  /** The name in errors. @default the URL */
  name?: string | undefined
  /** Called when the registry wants credentials, and once at most. @default none: the registry is asked as a stranger */
  credentials?: (() => Promise<RegistryCredentials | undefined>) | undefined
  /** Where manifests and configurations are kept, by their digests. @default they are read again each time */
  documents?: RegistryDocuments | undefined
  /**
   * Whether each answer is asked for once only, also what a tag stands for: for one pass over many servers, whose calls share one signal.
   * @default false
   */
  asksOnce?: boolean | undefined
  /** Shared by registries that wait together after a 429 with Retry-After. @default of this registry alone */
  limits?: RegistryLimits | undefined
  /** Bytes of the longest document that is read: a manifest, or a page of a list. @default 4194304 */
  maxDocument?: number | undefined
}

interface RegistryRequest {
  signal?: AbortSignal | undefined
}

/** A registry of OCI images, such as docker.io: from which a server with the extension `instance_oci` downloads containers. */
export interface Registry {
  /** Tells it from a simplestreams server. */
  readonly kind: 'registry'
  readonly name: string
  /** As servers are given it. */
  readonly url: string
  /** The digest that a name stands for now, asked by `HEAD`: `sha256:…`. */
  digest(reference: string, options?: RegistryRequest): Promise<string>
  /** The image that a name stands for now: `library/alpine`, `library/alpine:3.20` or `library/alpine@sha256:…`. */
  resolve(reference: string, options?: ResolveRegistryOptions): Promise<RegistryImage>
  /** The tags of a repository. */
  tags(repository: string, options?: RegistryRequest): Promise<string[]>
  /** The repositories; most public registries refuse to list them. */
  repositories(options?: RegistryRequest): Promise<string[]>
}

/**
 * Reads a registry of OCI images over https, by the OCI distribution specification 1.1. Nothing is downloaded but descriptions, and each
 * is verified by its digest. Credentials are sent only if the registry asks for them, to itself and to the token server that it names.
 *
 * @throws {ArgumentError} for an address that is not https, or that contains credentials, which servers would store and show
 *
 * @example
 * ```ts
 * const registry = openRegistry('https://registry.example.org')
 * const find = () => registry.resolve('library/alpine:3.20', { architecture: 'x86_64' })
 * ```
 */
export function openRegistry(url: string, options: RegistryOptions = {}): Registry {
  const { maxDocument = 4 * 1024 * 1024 } = options
  checkMaxDocument(maxDocument)
  let credentials: Promise<RegistryCredentials | undefined> | undefined
  const place: RegistryPlace = {
    ...readAddress(url),
    name: options.name ?? url,
    maxDocument,
    documents: options.documents,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    credentials() {
      credentials ??= options.credentials?.() ?? Promise.resolve(undefined)
      return credentials
    },
    authorizations: new Map(),
    limits: options.limits ?? new Map(),
    shared: options.asksOnce ? createReadOnce() : undefined,
  }
  return {
    kind: 'registry',
    name: place.name,
    url: place.url,
    digest: (reference, { signal } = {}) => resolveDigest(place, reference, signal),
    resolve: (reference, which = {}) => resolveRegistryImage(place, reference, which),
    tags: (repository, { signal } = {}) => listTags(place, repository, signal),
    repositories: ({ signal } = {}) => listRepositories(place, signal),
  }
}

function readAddress(url: string): Pick<RegistryPlace, 'url' | 'origin' | 'prefix' | 'hasLibrary'> {
  const refuse = (why: string): ArgumentError =>
    new ArgumentError('url', `Cannot use ${JSON.stringify(url)} as a registry: ${why}`)
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'https:')
    throw refuse(
      'servers download from registries over https only; give an address that begins with https://',
    )
  if (parsed.username !== '' || parsed.password !== '')
    throw new ArgumentError(
      'url',
      `Cannot use the address of ${parsed.host} as a registry: it contains credentials, which servers store and show to everybody who sees the image; leave them out, and log in with "docker login"`,
    )
  const path = parsed.pathname.replace(/^\/+|\/+$/g, '')
  const hasLibrary = dockerHubHosts.includes(parsed.host)
  return {
    url: tellRegistryImage({ server: url.replace(/\/+$/, ''), alias: '' }).server,
    origin: hasLibrary ? 'https://registry-1.docker.io' : parsed.origin,
    prefix: path === '' ? '' : `${path}/`,
    hasLibrary,
  }
}
