import { type BuiltInRemote, builtInRemotes, isSameAddress } from './built-in-remotes.ts'
import type { ConfigEntry, WrittenRemote } from './config-file.ts'
import type { Family } from './families.ts'
import type { ReadFolder } from './read-folder.ts'
import type { Remote, RemoteEntry, UsableRemote } from './remote.ts'

/** All remotes of a client: built-in ones, those of all users, and the user's own. Later ones override earlier ones of the same name. */
export function toRemotes(family: Family, user: ReadFolder, global: ReadFolder): Map<string, Remote> {
  const builtIn = builtInRemotes[family.client]
  const remotes = new Map<string, Remote>()
  for (const remote of builtIn)
    if (user.config === undefined || remote.stays !== 'unless-removed')
      remotes.set(remote.name, asBuiltIn(remote, family))
  for (const [origin, { config, file = '' }] of [
    ['global', global],
    ['user', user],
  ] as const) {
    for (const [name, entry] of config?.remotes ?? []) {
      const own = builtIn.find((remote) => remote.name === name)
      const written = toRemote(name, entry, family, { origin, file })
      remotes.set(name, own === undefined ? written : over(asBuiltIn(own, family), own, written))
    }
  }
  return remotes
}

/** The remote that results from a built-in one and an entry of the same name in a file. */
function over(builtIn: UsableRemote, { stays, outdated }: BuiltInRemote, written: Remote): Remote {
  if (written.disabled !== undefined) return written
  const [address = ''] = written.addresses
  const isOutdated = outdated !== undefined && isSameAddress(address, outdated)
  if (stays !== 'always' && !isOutdated) return written
  return { ...builtIn, project: written.project ?? builtIn.project }
}

function asBuiltIn({ name, address }: BuiltInRemote, { client, protocol }: Family): UsableRemote {
  const isServer = address.startsWith('unix:')
  return {
    name,
    client,
    addresses: [address],
    protocol: isServer ? protocol : 'simplestreams',
    public: !isServer,
    authType: undefined,
    project: undefined,
    origin: 'built-in',
  }
}

function toRemote(
  name: string,
  entry: ConfigEntry,
  family: Family,
  { origin, file }: { origin: 'user' | 'global'; file: string },
): Remote {
  const where = { name, client: family.client, origin, file }
  if (entry.fault !== undefined) return { ...where, ...whatIsKnown(entry.written), disabled: entry.fault }
  const { written } = entry
  const isPublic = written.public ?? false
  const protocol = written.protocol || family.protocol
  const remote: RemoteEntry = {
    ...where,
    addresses: addressesOf(written),
    public: isPublic,
    authType: written.auth_type || (isPublic ? undefined : 'tls'),
    project: written.project || undefined,
  }
  if (protocol === 'incus' || protocol === 'lxd' || protocol === 'simplestreams')
    return { ...remote, protocol }
  if (protocol === 'oci') {
    const helper = written.credentials_helper || undefined
    // The API's certificate and login are not for registries.
    return { ...remote, protocol, public: true, authType: undefined, credentialsHelper: helper }
  }
  const disabled = `its protocol "${protocol}" is not "incus", "lxd", "simplestreams" or "oci" (${file})`
  return { ...remote, protocol, disabled }
}

/** The addresses in the order in which they are tried. Incus' client writes down which of several answered last; it comes first. */
function addressesOf({ addr, last_working_address: last }: WrittenRemote): string[] {
  if (addr.trim().startsWith('unix:')) return [addr.trim()]
  const addresses = addr.split(',').flatMap((address) => address.trim() || [])
  const start = Math.max(0, addresses.indexOf(String(last)))
  return [...addresses.slice(start), ...addresses.slice(0, start)]
}

/** The properties of a remote that is not understood, as far as a list can show them. */
function whatIsKnown(
  written: unknown,
): Pick<Remote, 'addresses' | 'public' | 'authType' | 'project' | 'protocol'> {
  const { addr, auth_type, project, protocol, public: isPublic } = (written ?? {}) as Record<string, unknown>
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return {
    addresses:
      text(addr)
        ?.split(',')
        .flatMap((address) => address.trim() || []) ?? [],
    public: isPublic === true,
    authType: text(auth_type),
    project: text(project),
    protocol: text(protocol) ?? '',
  }
}
