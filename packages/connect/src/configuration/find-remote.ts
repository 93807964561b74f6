import { HyperkitError } from '@hyperkit/core'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { type Candidate, type ChooseOptions, chooseRemote } from './choose-remote.ts'
import { families } from './families.ts'
import { findSocket } from './find-socket.ts'
import { describeProblems, missing, unknownDefault, unusable } from './missing-remote.ts'
import { type ConfigurationOptions, readClientConfiguration } from './read-client-configuration.ts'
import type { ClientConfiguration, UsableRemote } from './remote.ts'
import { splitRemoteName } from './split-remote-name.ts'
import { statedRemote } from './stated-remote.ts'

/** Options of {@link findRemote}. */
export interface FindRemoteOptions extends ConfigurationOptions, ChooseOptions {}

/** A remote, and the configuration that it was found in. */
export interface FoundRemote {
  remote: UsableRemote
  configuration: ClientConfiguration
}

/**
 * Finds a remote by its name. If both configurations have different servers of that name, it has to be written as `incus:NAME` or
 * `lxc:NAME`. Of built-in remotes, such as `images`, one is chosen: that of the client that HYPERKIT_REMOTE, INCUS_REMOTE or
 * LXC_REMOTE refers to, else of the only client with a `config.yml`, else the `preferred` one.
 *
 * @param name `prod`, `incus:prod` or `lxc:prod`. @default the variable HYPERKIT_REMOTE, else the default remote of the client
 * that a variable refers to, or that has a `config.yml`
 * @throws ArgumentError for a remote that does not exist, or a name that two different remotes have
 * @throws HyperkitError `invalid-configuration` if the remote, or the file, is not understood
 *
 * @example
 * ```ts
 * const { remote } = await findRemote('incus:prod')
 * console.log(remote)
 * ```
 */
export async function findRemote(name?: string, options: FindRemoteOptions = {}): Promise<FoundRemote> {
  const environment = options.environment ?? processEnvironment()
  const given = splitRemoteName(name ?? '')
  const stated = statedRemote(environment)
  const asked = given.client ?? options.client
  // HYPERKIT_REMOTE is ignored if the caller asks for the other client.
  const isStated = given.name === undefined && (asked === undefined || asked === stated.client)
  const wanted = isStated ? stated.name : given.name
  const client = (isStated ? stated.client : undefined) ?? asked
  const configurations = await readClientConfiguration({ ...options, client })
  const found =
    wanted === undefined
      ? await findDefault(configurations, environment)
      : await findNamed(wanted, configurations, options, environment)
  const { remote, configuration } = found
  if (remote.disabled !== undefined) throw unusable(remote)
  return { remote, configuration }
}

async function findNamed(
  name: string,
  configurations: readonly ClientConfiguration[],
  options: FindRemoteOptions,
  environment: Environment,
): Promise<Candidate> {
  const candidates = configurations.flatMap((configuration): Candidate[] => {
    const remote = configuration.remotes.get(name)
    return remote === undefined ? [] : [{ remote, configuration }]
  })
  const found = await chooseRemote(candidates, options, environment)
  if (found === undefined) throw missing(name, configurations)
  const others = configurations.filter(({ client }) => client !== found.configuration.client)
  if (others.some(({ problems }) => problems.length > 0))
    options.notify?.(
      `"${name}" means ${found.remote.client}:${found.remote.name}; ${describeProblems(others)}`,
    )
  return found
}

/** The default remote of the clients for which the environment names one, else of those with a config.yml, else of all. */
async function findDefault(
  all: readonly ClientConfiguration[],
  environment: Environment,
): Promise<Candidate> {
  const isSet = ({ client }: ClientConfiguration): boolean =>
    Boolean(environment[families[client].variables.remote])
  const configurations = first(all.filter(isSet), all.filter(isConfigured), all)
  const [broken] = configurations.filter(({ remotes, problems }) => remotes.size === 0 && problems.length > 0)
  if (broken !== undefined) throw unknownDefault(broken)
  const candidates = configurations.map((configuration): Candidate => {
    const remote = configuration.remotes.get(configuration.defaultRemote)
    if (remote === undefined) throw missing(configuration.defaultRemote, [configuration])
    return { remote, configuration }
  })
  await refuseNothing(all, candidates, environment)
  const found = await chooseRemote(candidates, { areDefaults: true }, environment)
  if (found === undefined) throw missing('', configurations)
  return found
}

function first<T>(...lists: (readonly T[])[]): readonly T[] {
  return lists.find((list) => list.length > 0) ?? []
}

function isConfigured({ file, problems }: ClientConfiguration): boolean {
  return file !== undefined || problems.length > 0
}

// Without any client configuration the local server is used. If there is none either, the error lists all that was looked for.
async function refuseNothing(
  configurations: readonly ClientConfiguration[],
  candidates: readonly Candidate[],
  environment: Environment,
): Promise<void> {
  if (configurations.some(isConfigured)) return
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
    `Cannot connect: no server is named, there is no client configuration (looked for ${files}) and no local server (looked for ${sockets.map((path) => `"${path}"`).join(' or ')}); add a remote with "hyperkit remote add NAME HOST", or give connect() "url" or "socket"`,
  )
}
