import { ArgumentError, HyperkitError } from '@hyperkit/core'
import type { Environment } from '../transport/transport-options.ts'
import { families } from './families.ts'
import { findSocket } from './find-socket.ts'
import type { ClientConfiguration, ClientName, Remote } from './remote.ts'

export interface FoundRemote {
  remote: Remote
  configuration: ClientConfiguration
}

/** `incus:prod`, `prod` or `prod:` taken apart. */
export function splitRemoteName(text: string): { client: ClientName | undefined; name: string | undefined } {
  const [, client, rest = ''] = /^(?:(incus|lxc):)?(.*)$/s.exec(text) ?? []
  const name = rest.replace(/:$/, '')
  return { client: client as ClientName | undefined, name: name === '' ? undefined : name }
}

/**
 * The remote that a name means, or without a name the default remote.
 *
 * @throws ArgumentError no such remote, or two different ones
 */
export async function findRemote(
  name: string | undefined,
  configurations: ClientConfiguration[],
  environment: Environment,
): Promise<FoundRemote> {
  const candidates: FoundRemote[] = []
  for (const configuration of configurations) {
    const remote = configuration.remotes.get(name ?? configuration.defaultRemote)
    if (remote !== undefined) candidates.push({ remote, configuration })
    else if (name === undefined) throw missing(configuration.defaultRemote, [configuration])
  }
  if (name === undefined) await refuseNothing(configurations, candidates, environment)
  const likely = await sift(name === undefined ? asked(candidates, environment) : candidates, environment)
  const [first, second] = likely
  if (first === undefined) throw missing(name ?? '', configurations)
  if (second !== undefined && String(first.remote.addresses) !== String(second.remote.addresses))
    throw ambiguous(first, second)
  if (second !== undefined && first.remote.addresses[0]?.startsWith('unix:')) throw ambiguous(first, second)
  return first
}

// Without a name: clients whose default remote the environment states, else those that have a config.yml, else all.
function asked(candidates: FoundRemote[], environment: Environment): FoundRemote[] {
  const stated = candidates.filter(({ remote }) => environment[families[remote.client].variables.remote])
  if (stated.length > 0) return stated
  const configured = candidates.filter(({ configuration }) => configuration.file !== undefined)
  return configured.length > 0 ? configured : candidates
}

// On a machine without any client configuration the local server is meant; without one, say all that was looked for.
async function refuseNothing(
  configurations: ClientConfiguration[],
  candidates: FoundRemote[],
  environment: Environment,
): Promise<void> {
  if (configurations.some(({ file }) => file !== undefined)) return
  const sockets: string[] = []
  for (const { remote } of candidates) {
    const [address = ''] = remote.addresses
    if (!address.startsWith('unix:')) return
    const socket = await findSocket(address, families[remote.client], environment)
    if (socket.access !== 'absent') return
    sockets.push(socket.path)
  }
  const files = configurations.map(({ folder }) => `"${folder}/config.yml"`).join(' or ')
  throw new HyperkitError(
    'invalid-configuration',
    `Cannot connect: no server is named, there is no client configuration (looked for ${files}) and no local server (looked for ${sockets.map((path) => `"${path}"`).join(' or ')}); give "url" or "socket"`,
  )
}

// Of two clients, both with a remote of this name (each has `local`): the one that is written down, or whose socket exists.
async function sift(candidates: FoundRemote[], environment: Environment): Promise<FoundRemote[]> {
  if (candidates.length < 2) return candidates
  const live: FoundRemote[] = []
  for (const candidate of candidates) {
    const [address = ''] = candidate.remote.addresses
    if (!address.startsWith('unix:')) live.push(candidate)
    else if ((await findSocket(address, families[candidate.remote.client], environment)).access !== 'absent')
      live.push(candidate)
  }
  return live.length > 0 ? live : candidates.slice(0, 1)
}

function missing(name: string, configurations: ClientConfiguration[]): ArgumentError {
  const known = configurations.flatMap(({ client, remotes }) =>
    [...remotes.keys()].map((remote) => `${client}:${remote}`),
  )
  return new ArgumentError(
    'remote',
    `Cannot connect to "${name}": there is no such remote; known are ${known.join(', ') || 'none'}`,
  )
}

function ambiguous(first: FoundRemote, second: FoundRemote): ArgumentError {
  const { name } = first.remote
  return new ArgumentError(
    'remote',
    `Cannot connect to "${name}": both incus (${first.remote.addresses}) and lxc (${second.remote.addresses}) have a remote of this name; say "incus:${name}" or "lxc:${second.remote.name}"`,
  )
}
