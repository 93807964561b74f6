import { type Transport, TransportError } from '@hyperkit/core'
import { askForServer, type ShownServer } from './ask-for-server.ts'
import { isReady, unready } from './require-ready.ts'

/** The one server to which all addresses must lead. */
export interface AgreedServer {
  /**
   * Asks the server at an address what it is.
   *
   * @returns whether it trusts this client, so that the answer shows what it is
   * @throws TransportError if it is another server than before; an error with the status if it is not ready
   */
  check(
    transport: Transport,
    options: {
      signal: AbortSignal
      /** Whether an address that works is in use, which is not left for one that is not ready. */
      mustBeReady: boolean
    },
  ): Promise<{ isTrusted: boolean }>
}

/**
 * Standalone servers may share a certificate, such as one for all hosts of a domain. So the server at a further address has to be a member
 * of a cluster, or the standalone server that was seen before. A client that is not trusted is not shown that; it can only read what is
 * public, and for it the certificate decides alone. An address is asked when it is used first, and again after it was silent, made no
 * connection, or lost an answer.
 *
 * @param name the server's name in errors
 */
export function createAgreedServer(name: string): AgreedServer {
  let first: string | undefined
  let agreed: Seen | undefined
  return {
    async check(transport, { signal, mustBeReady }) {
      const { origin } = transport
      const { status, isTrusted, shown } = await askForServer(transport, signal)
      const isRequired = mustBeReady || first !== undefined || isOfGateway(status)
      if (isRequired && !isReady(status)) throw unready(status)
      if (mustBeReady && agreed !== undefined && !isTrusted) throw untrusted(status)
      if (shown !== undefined) {
        const isOther = first !== undefined && first !== origin && agreed === undefined
        if (agreed === undefined ? isOther && shown.kind === 'single' : !isSame(agreed, { shown, origin }))
          throw foreign(name, { shown, origin }, agreed, first)
        agreed = { shown, origin }
      }
      // A daemon that is starting does not say what it is, and may be asked next at another of its addresses.
      if (isReady(status)) first ??= origin
      return { isTrusted }
    },
  }
}

function untrusted(status: number): Error {
  return new Error(`HTTP ${status} to GET /1.0, which does not trust this client`)
}

/** Of the first address that is used, the answer to the request itself is reported, unless something before the server gives it. */
function isOfGateway(status: number): boolean {
  return status >= 500 && status !== 503
}

interface Seen {
  shown: ShownServer
  origin: string
}

/**
 * A server that runs on may have got and lost addresses, but not all of them at once; a host without a global address shows none. What is
 * at the same address has to have the same name; a server there may have become the first member of a cluster.
 */
function isSame(before: Seen, now: Seen): boolean {
  const [one, other] = [before.shown, now.shown]
  if (one.kind === 'member') return other.kind === 'member'
  if (one.name !== other.name) return false
  if (before.origin === now.origin) return true
  if (other.kind === 'member') return false
  const isShared = one.addresses.some((address) => other.addresses.includes(address))
  return isShared || (one.addresses.length === 0 && other.addresses.length === 0)
}

function foreign(
  name: string,
  now: Seen,
  before: Seen | undefined,
  first: string | undefined,
): TransportError {
  const failure = `Cannot connect to "${name}": "${now.origin}" is`
  const seen = before === undefined ? 'did not say what it is' : `is ${describe(before.shown)}`
  return new TransportError(
    'unexpected-answer',
    before?.origin === now.origin
      ? `${failure} now ${describe(now.shown)}, and was ${describe(before.shown)} before; both show the same certificate, but another server must not get what was meant for the first: see where the address leads, and start again`
      : `${failure} ${describe(now.shown)}, and "${before?.origin ?? first}" ${seen}; they show the same certificate, but the addresses of a server must be members of one cluster, or lead to one server: remove the address that is wrong`,
    { server: name },
  )
}

function describe(shown: ShownServer): string {
  return shown.kind === 'member' ? 'a member of a cluster' : `the single server ${JSON.stringify(shown.name)}`
}
