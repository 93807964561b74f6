import { type Transport, TransportError } from '@hyperkit/core'
import { askForServer, type ShownServer } from './ask-for-server.ts'
import { unready } from './require-ready.ts'

/** The one server to which all addresses must lead. */
export interface AgreedServer {
  /**
   * Asks the server at an address what it is.
   *
   * @throws TransportError if it is another server than at the addresses before
   */
  check(transport: Transport, signal: AbortSignal): Promise<void>
}

/**
 * Standalone servers may share a certificate, such as one for all hosts of a domain. So the server at a further address has to be a member
 * of a cluster, or the standalone server that was seen before. A client that is not trusted is not shown that; it can only read what is
 * public, and for it the certificate decides alone.
 *
 * @param name the server's name in errors
 */
export function createAgreedServer(name: string): AgreedServer {
  let first: string | undefined
  let agreed: { shown: ShownServer; origin: string } | undefined
  return {
    async check(transport, signal) {
      const { origin } = transport
      const { status, shown } = await askForServer(transport, signal)
      // Of the first address that is used, the answer to the request itself is reported.
      if (status === 503 && first !== undefined) throw unready(status)
      const before = agreed?.origin === origin ? undefined : agreed
      if (shown !== undefined) {
        const isOther = first !== undefined && first !== origin && agreed === undefined
        if (before === undefined ? isOther && shown.kind === 'single' : !isSame(before.shown, shown))
          throw foreign(name, { shown, origin }, before, first)
        agreed = { shown, origin }
      }
      first ??= origin
    },
  }
}

/** A server that runs on may have got and lost addresses, but not all of them at once. */
function isSame(one: ShownServer, other: ShownServer): boolean {
  if (one.kind === 'member' || other.kind === 'member') return one.kind === other.kind
  return one.name === other.name && one.addresses.some((address) => other.addresses.includes(address))
}

function foreign(
  name: string,
  now: { shown: ShownServer; origin: string },
  before: { shown: ShownServer; origin: string } | undefined,
  first: string | undefined,
): TransportError {
  const seen = before === undefined ? 'did not say what it is' : `is ${describe(before.shown)}`
  return new TransportError(
    'unexpected-answer',
    `Cannot connect to "${name}": "${now.origin}" is ${describe(now.shown)}, and "${before?.origin ?? first}" ${seen}; they show the same certificate, but the addresses of a server must be members of one cluster, or lead to one server: remove the address that is wrong`,
    { server: name },
  )
}

function describe(shown: ShownServer): string {
  return shown.kind === 'member' ? 'a member of a cluster' : `the single server ${JSON.stringify(shown.name)}`
}
