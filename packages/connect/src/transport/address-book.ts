import { isHyperkitError, type Transport } from '@hyperkit/core'
import { untilAborted } from '@hyperkit/core/parts'
import { createAgreedCertificate } from './agreed-certificate.ts'
import { createAgreedServer } from './agreed-server.ts'
import { NoLeader, NotYet, silence } from './ask-for-server.ts'
import type { UrlEndpoint } from './endpoint.ts'
import { late } from './limit-connecting.ts'
import { describeError } from './named-error.ts'
import { headStart, raceInTurn } from './race-addresses.ts'
import type { AddressSwitch } from './transport-options.ts'

/** Milliseconds after which an address that did not answer is tried again. */
const pauseAfterFailure = 30_000

/** How often all addresses are asked while members cannot answer: those of LXD 6.9 wait for 10 s if they have no leader, and elect one in some seconds. */
const roundsOfAsking = 3

/** Answers that an address loses one after the other before it counts as down, although it makes connections. */
const fewestLost = 2

/** How the addresses of a server are used. */
export interface FailoverOptions {
  /** Makes the transport to one address. */
  open(endpoint: UrlEndpoint): Promise<Transport>
  onSwitch?: ((change: AddressSwitch) => void) | undefined
  /** The server's name in errors. @default the first address */
  name?: string | undefined
  /** Milliseconds, growing. @default performance.now() */
  clock?: (() => number) | undefined
}

/** One address of a server, and what is known of it. */
export interface AddressEntry {
  readonly endpoint: UrlEndpoint
  readonly origin: string
  transport: Transport | undefined
  /** The certificate to which the transport is pinned. */
  pin: string | undefined
  /** Whether the last look at it has got as far as a connection, with the right certificate. */
  isConnected: boolean
  /** Whether a look has shown that the right server answers there, and nothing has been wrong since. */
  isSound: boolean
  /** When it was last seen not to answer. */
  failedAt: number | undefined
  reason: string
  /** The text of the refusal that was reported. */
  reported: string | undefined
  /** Answers that were lost since the last one that came. */
  lost: number
}

/** The addresses of a server, and which of them is used. */
export interface AddressBook {
  readonly size: number
  current(): AddressEntry
  /** The address for a request: the one in use, or else the next at which the right server answers. */
  enter(signal: AbortSignal | undefined): Promise<{ entry: AddressEntry; transport: Transport }>
  /** The address has answered. */
  praise(entry: AddressEntry): void
  /** Its answer was lost, or was not waited for: a look shows whether it is still there. */
  doubt(entry: AddressEntry, error?: unknown): void
  /** It makes no connections, or is silent. */
  leave(entry: AddressEntry, error: unknown): void
  close(): void
}

export function createAddressBook(
  endpoints: readonly [UrlEndpoint, ...UrlEndpoint[]],
  { open, onSwitch, name, clock = () => performance.now() }: FailoverOptions & { name: string },
): AddressBook {
  const certificate = createAgreedCertificate(endpoints[0])
  const server = createAgreedServer(name)
  const entries = endpoints.map(toEntry)
  let used = entries[0] as AddressEntry
  let entering: Promise<{ entry: AddressEntry; transport: Transport }> | undefined
  let isReturning = false
  let isUnused = true
  let closing = new AbortController()
  /** Of certificates that were renewed. Requests that are under way go on, so they are closed at the end. */
  const replaced: Transport[] = []

  const failed = (entry: AddressEntry, error: unknown): void => {
    Object.assign(entry, { isSound: false, failedAt: clock(), reason: describeError(error).text })
  }
  const isDue = ({ failedAt }: AddressEntry): boolean =>
    failedAt === undefined || clock() - failedAt >= pauseAfterFailure
  const replace = async (entry: AddressEntry, pinned: UrlEndpoint): Promise<Transport> => {
    if (entry.transport !== undefined) replaced.push(entry.transport)
    const transport = await open(pinned)
    Object.assign(entry, { transport, pin: pinned.serverCertificate })
    return transport
  }
  const check = async (
    entry: AddressEntry,
    { lost, mustBeReady }: { lost?: AbortSignal; mustBeReady: boolean },
  ): Promise<Transport> => {
    entry.isConnected = false
    try {
      const signal = lost === undefined ? closing.signal : AbortSignal.any([closing.signal, lost])
      const pinned = await certificate.check(entry.endpoint, signal)
      entry.isConnected = true
      // The connections of a transport are kept unless its certificate is another one.
      const transport =
        entry.transport !== undefined && entry.pin === pinned.serverCertificate
          ? entry.transport
          : await replace(entry, pinned)
      const { isTrusted } = await server.check(transport, { signal, mustBeReady })
      entry.reported = undefined
      // A token that is refused may be renewed: only then does the server show what it is, so it is asked again.
      const isSound = isTrusted || entry.endpoint.token === undefined
      Object.assign(entry, { isSound, failedAt: undefined })
      return transport
    } catch (error) {
      if (!lost?.aborted) failed(entry, error)
      throw error
    }
  }
  const use = (entry: AddressEntry, why: AddressSwitch['why']): void => {
    if (entry === used) return
    const { origin: from, reason } = used
    used = entry
    onSwitch?.({ server: name, from, to: entry.origin, why, reason: why === 'preferred' ? '' : reason })
  }
  /** Another server answers there. That is no reason to fail a request while an address of this server works. */
  const reportRefused = (entry: AddressEntry, error: unknown): void => {
    if (!isHyperkitError(error) || entry.reported === error.message) return
    entry.reported = error.message
    onSwitch?.({ server: name, from: entry.origin, to: used.origin, why: 'refused', reason: error.message })
  }
  const enterAny = async (): Promise<{ entry: AddressEntry; transport: Transport }> => {
    const isFirstUse = isUnused
    const errors = new Map<AddressEntry, unknown>()
    const race = () =>
      raceInTurn({
        candidates: inOrder(entries, used, isDue),
        attempt: (entry, lost) =>
          check(entry, { lost, mustBeReady: false }).catch((error: unknown) => {
            errors.set(entry, error)
            throw error
          }),
        isFinal: (error) => isFirstUse && isHyperkitError(error),
      })
    const {
      winner,
      value,
      late: silent,
    } = await askInRounds(race, (round) => {
      const all = [...errors.values()]
      const foreign = all.find((each) => isHyperkitError(each))
      // Before its first answer, a silent server may be none at all.
      const isPassing = all.some((each) => each instanceof (isFirstUse ? NoLeader : NotYet))
      const mayAnswer = isPassing && round < roundsOfAsking && !closing.signal.aborted
      if (foreign !== undefined || !mayAnswer) throw foreign ?? unanswered(entries)
      errors.clear()
    })
    isUnused = false
    for (const entry of silent) failed(entry, entry.isConnected ? silence(headStart) : late(headStart))
    if (isHyperkitError(errors.get(used))) used = winner
    else use(winner, 'no-answer')
    for (const [entry, error] of errors) reportRefused(entry, error)
    return { entry: winner, transport: value }
  }
  const returnTo = async (better: AddressEntry): Promise<void> => {
    try {
      await check(better, { mustBeReady: true })
    } catch (error) {
      failed(better, error)
      reportRefused(better, error)
      return
    }
    use(better, 'preferred')
  }
  const tryPreferred = (): void => {
    const better = entries.slice(0, entries.indexOf(used)).find(isDue)
    if (better === undefined || isReturning) return
    isReturning = true
    returnTo(better)
      .catch(() => undefined)
      .finally(() => {
        isReturning = false
      })
  }

  return {
    size: entries.length,
    current: () => used,
    async enter(signal) {
      signal?.throwIfAborted()
      if (used.transport !== undefined && used.isSound) {
        tryPreferred()
        return { entry: used, transport: used.transport }
      }
      entering ??= enterAny().finally(() => {
        entering = undefined
      })
      return untilAborted(entering, signal)
    },
    praise(entry) {
      entry.lost = 0
    },
    doubt(entry, error) {
      entry.isSound = false
      if (error === undefined) return
      entry.lost += 1
      if (entry.lost >= fewestLost) failed(entry, error)
    },
    leave: failed,
    close() {
      closing.abort()
      closing = new AbortController()
      for (const { transport } of entries) transport?.close?.()
      for (const transport of replaced.splice(0)) transport.close?.()
    },
  }
}

/** @param again throws if there is to be no further round */
async function askInRounds<T>(ask: () => Promise<T>, again: (round: number) => void): Promise<T> {
  for (let round = 1; ; round++)
    try {
      return await ask()
    } catch {
      again(round)
    }
}

function toEntry(endpoint: UrlEndpoint): AddressEntry {
  const { origin } = endpoint
  const unknown = {
    transport: undefined,
    pin: undefined,
    isConnected: false,
    isSound: false,
    failedAt: undefined,
    reported: undefined,
  }
  return { endpoint, origin, ...unknown, reason: '', lost: 0 }
}

/** The one in use first, then those that have not failed of late, then the others, the longest failed first. */
function inOrder(
  entries: readonly AddressEntry[],
  used: AddressEntry,
  isDue: (entry: AddressEntry) => boolean,
): AddressEntry[] {
  const rank = (entry: AddressEntry): number => (isDue(entry) ? (entry === used ? 0 : 1) : 2)
  return [...entries].sort((a, b) => rank(a) - rank(b) || (a.failedAt ?? 0) - (b.failedAt ?? 0))
}

function unanswered(entries: readonly AddressEntry[]): Error {
  const reasons = entries.map(({ origin, reason }) => `${origin}: ${reason}`)
  return Object.assign(new Error(`none of its addresses answers: ${reasons.join('; ')}`), {
    code: 'ECONNREFUSED',
  })
}
