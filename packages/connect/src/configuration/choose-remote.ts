import { ArgumentError } from '@hyperkit/core'
import type { Environment } from '../transport/transport-options.ts'
import { builtInRemotes, isSameAddress } from './built-in-remotes.ts'
import { families } from './families.ts'
import { findSocket } from './find-socket.ts'
import type { ClientConfiguration, ClientName, Remote } from './remote.ts'
import { statedRemote } from './stated-remote.ts'

/** What a choice between remotes of two clients goes by, and who is told of it. */
export interface ChooseOptions {
  /** Whose remote is meant where both clients have one of the name from the start, such as `images`. */
  preferred?: ClientName | undefined
  /** Is told which remote was taken, where it could have been another one. */
  notify?: ((sentence: string) => void) | undefined
}

/** A remote, of which it is not yet known whether it can be used. */
export interface Candidate {
  remote: Remote
  configuration: ClientConfiguration
}

/**
 * Which of the remotes of two clients is meant; undefined where there is none.
 *
 * @throws ArgumentError two servers, and nothing says which
 */
export async function chooseRemote(
  candidates: readonly Candidate[],
  options: ChooseOptions & { areDefaults?: boolean },
  environment: Environment,
): Promise<Candidate | undefined> {
  const [one, other] = candidates
  if (one === undefined || other === undefined || isSame(one, other)) return one
  const [live] = await onlyLive(candidates, environment)
  if (live !== undefined) return live
  if (options.areDefaults === true) throw twoDefaults(one, other)
  // What somebody has written down is meant before what every client has.
  const written = candidates.filter(({ remote }) => !isBuiltIn(remote))
  if (written.length > 1) throw ambiguous(one, other)
  const { taken, why } = preference(candidates, written, options, environment)
  if (taken === undefined) throw ambiguous(one, other)
  const left = taken === one ? other : one
  // Nobody who has never run a client wants to hear of it.
  if (left.configuration.file !== undefined)
    options.notify?.(
      `"${taken.remote.name}" is taken as ${name(taken)} (${taken.remote.addresses}), not ${name(left)} (${left.remote.addresses}): ${why}`,
    )
  return taken
}

/** Of remotes that every client has: whose is meant, and why. */
function preference(
  candidates: readonly Candidate[],
  written: readonly Candidate[],
  { preferred }: ChooseOptions,
  environment: Environment,
): { taken: Candidate | undefined; why: string } {
  const { client, name } = statedRemote(environment)
  const rules: [why: string, holds: (candidate: Candidate) => boolean][] = [
    ['the other one is built in', (each) => written.includes(each)],
    [
      'HYPERKIT_REMOTE is of this client',
      ({ configuration: { client: own, remotes } }) =>
        name !== undefined && (client ?? own) === own && remotes.has(name),
    ],
    [
      'a variable names the default remote of this client',
      ({ remote }) => Boolean(environment[families[remote.client].variables.remote]),
    ],
    ['only this client is configured', ({ configuration }) => configuration.file !== undefined],
    ['it is for a server of this kind', ({ remote }) => remote.client === preferred],
    // Images are the same whoever lists them; of servers none is taken by chance.
    [
      'that of incus comes first',
      ({ remote }) => remote.protocol === 'simplestreams' && remote.client === 'incus',
    ],
  ]
  for (const [why, holds] of rules) {
    const [taken, second] = candidates.filter(holds)
    if (taken !== undefined && second === undefined) return { taken, why }
  }
  return { taken: undefined, why: '' }
}

/** Whether the client itself has this one from the start. */
function isBuiltIn({ name, client, addresses, origin }: Remote): boolean {
  if (origin === 'built-in') return true
  const [address = ''] = addresses
  return builtInRemotes[client].some((each) => each.name === name && isSameAddress(each.address, address))
}

/** Two sockets without a path are two servers. */
function isSame(one: Candidate, other: Candidate): boolean {
  const [address = ''] = one.remote.addresses
  const isPlain = !address.startsWith('unix:')
  const there = new Set(one.remote.addresses.map((each) => each.replace(/\/+$/, '')))
  return (
    isPlain &&
    there.size === other.remote.addresses.length &&
    other.remote.addresses.every((each) => there.has(each.replace(/\/+$/, '')))
  )
}

/** Of two local servers the one that is there; the first where none is; nothing where both are, or are no local ones. */
async function onlyLive(candidates: readonly Candidate[], environment: Environment): Promise<Candidate[]> {
  const live: Candidate[] = []
  for (const candidate of candidates) {
    const [address = ''] = candidate.remote.addresses
    if (!address.startsWith('unix:')) live.push(candidate)
    else if ((await findSocket(address, families[candidate.remote.client], environment)).access !== 'absent')
      live.push(candidate)
  }
  if (live.length === 0) return candidates.slice(0, 1)
  return live.length === 1 ? live : []
}

function name({ remote }: Candidate): string {
  return `${remote.client}:${remote.name}`
}

function ambiguous(one: Candidate, other: Candidate): ArgumentError {
  return new ArgumentError(
    'remote',
    `Cannot connect to "${one.remote.name}": both incus (${one.remote.addresses}) and lxc (${other.remote.addresses}) have a remote of this name; say "${name(one)}" or "${name(other)}"`,
  )
}

function twoDefaults(one: Candidate, other: Candidate): ArgumentError {
  const [first, second] = [one, other].map(({ remote }) => `"${remote.name}" (${remote.addresses})`)
  return new ArgumentError(
    'remote',
    `Cannot connect to the default remote: incus has ${first}, lxc has ${second}; say "${name(one)}" or "${name(other)}", or set HYPERKIT_REMOTE to one of them`,
  )
}
