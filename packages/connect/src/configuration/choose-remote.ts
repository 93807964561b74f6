import { ArgumentError } from '@hyperkit/core'
import type { Environment } from '../transport/transport-options.ts'
import { builtInRemotes, isSameAddress } from './built-in-remotes.ts'
import { families } from './families.ts'
import { findSocket } from './find-socket.ts'
import type { ClientConfiguration, ClientName, Remote } from './remote.ts'
import { statedRemote } from './stated-remote.ts'

/** How to choose between the remotes of two clients. */
export interface ChooseOptions {
  /** The client whose remote is taken if both have a built-in one of the name, such as `images`. */
  preferred?: ClientName | undefined
  /** Called with a sentence that says which remote was taken, if the name fits more than one. */
  notify?: ((sentence: string) => void) | undefined
}

/** A remote that may turn out not to be usable. */
export interface Candidate {
  remote: Remote
  configuration: ClientConfiguration
}

/**
 * Chooses one of the remotes that two clients have under a name; undefined if there is none.
 *
 * @throws ArgumentError if they are different servers and nothing decides between them
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
  // A remote that the user added takes precedence over a built-in one.
  const written = candidates.filter(({ remote }) => !isBuiltIn(remote))
  if (written.length > 1) throw ambiguous(one, other)
  const { taken, why } = preference(candidates, written, options, environment)
  if (taken === undefined) throw ambiguous(one, other)
  const left = taken === one ? other : one
  // Users who have never run the other client need not know about its remote.
  if (left.configuration.file !== undefined)
    options.notify?.(
      `"${taken.remote.name}" means ${name(taken)} (${taken.remote.addresses}), not ${name(left)} (${left.remote.addresses}): ${why}`,
    )
  return taken
}

/** Chooses between built-in remotes, and says why. */
function preference(
  candidates: readonly Candidate[],
  written: readonly Candidate[],
  { preferred }: ChooseOptions,
  environment: Environment,
): { taken: Candidate | undefined; why: string } {
  const { client, name } = statedRemote(environment)
  const rules: [why: string, holds: (candidate: Candidate) => boolean][] = [
    ['the other remote is built in', (each) => written.includes(each)],
    [
      'HYPERKIT_REMOTE names a remote of this client',
      ({ configuration: { client: own, remotes } }) =>
        name !== undefined && (client ?? own) === own && remotes.has(name),
    ],
    [
      'a variable names the default remote of this client',
      ({ remote }) => Boolean(environment[families[remote.client].variables.remote]),
    ],
    ['only this client is configured', ({ configuration }) => configuration.file !== undefined],
    ['the target server is of this kind', ({ remote }) => remote.client === preferred],
    // Either image server will do, but a server with the API must not be chosen by chance.
    [
      'incus takes precedence',
      ({ remote }) => remote.protocol === 'simplestreams' && remote.client === 'incus',
    ],
  ]
  for (const [why, holds] of rules) {
    const [taken, second] = candidates.filter(holds)
    if (taken !== undefined && second === undefined) return { taken, why }
  }
  return { taken: undefined, why: '' }
}

/** Whether it is one of the client's built-in remotes, written down or not. */
function isBuiltIn({ name, client, addresses, origin }: Remote): boolean {
  if (origin === 'built-in') return true
  const [address = ''] = addresses
  return builtInRemotes[client].some((each) => each.name === name && isSameAddress(each.address, address))
}

/** Sockets never count as the same: `unix://` is another server for each client. */
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

/** Of two local servers, the one that exists; the first if none does; nothing if both exist or neither is local. */
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
    `Cannot connect to "${one.remote.name}": both incus (${one.remote.addresses}) and lxc (${other.remote.addresses}) have a remote of this name; use "${name(one)}" or "${name(other)}"`,
  )
}

function twoDefaults(one: Candidate, other: Candidate): ArgumentError {
  const [first, second] = [one, other].map(({ remote }) => `"${remote.name}" (${remote.addresses})`)
  return new ArgumentError(
    'remote',
    `Cannot connect to the default remote: that of incus is ${first}, that of lxc is ${second}; use "${name(one)}" or "${name(other)}", or set HYPERKIT_REMOTE to one of them`,
  )
}
