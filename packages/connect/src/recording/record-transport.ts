import { ArgumentError, type Transport } from '@hyperkit/core'
import type { TapeServer } from '@hyperkit/core/parts'
import type { Session } from './session.ts'

/** Options of {@link recordTransport}. */
export interface RecordOptions {
  /** Where the tapes are written: made if it is missing; what is there is kept, and numbers go on. */
  directory: string
  /**
   * Image files and other bytes up to this size are kept beside their tape, larger ones as size and SHA-256 only. A body
   * that was not kept cannot be played back. @default 0
   */
  keepBytes?: number
  /** Texts to hide wherever they occur, beside what is hidden anyway. Eight characters or more. @default none */
  secrets?: readonly string[]
}

/**
 * The same transport, with everything that is said to the server written down: one readable file for each request and its
 * answer, one for each WebSocket. Secrets do not get into the files: tokens, passwords, secrets of images and operations,
 * private keys and cookies are replaced, each by a text of its own.
 *
 * `replay()` of @hyperkit/embedded answers from the files. The commands record if the environment has `HYPERKIT_RECORD`; see
 * {@link recordIfAsked}.
 *
 * Bytes stream as they did, and nothing waits for the disk but the small files themselves. If a later write fails (a full
 * disk), one warning is printed on the console and the requests go on.
 *
 * @throws ArgumentError an empty `directory`, a `keepBytes` that is no size
 * @throws HyperkitError `file-unwritable`, from the first request: nothing has been sent then
 *
 * @example
 * ```ts
 * const transport = await createTransport({ url: 'https://10.1.0.7:8443', serverCertificate: fingerprint })
 * const client = createClient({ transport: recordTransport(transport, { directory: './prod-tapes' }) })
 * await client.server()
 * ```
 */
export function recordTransport(transport: Transport, options: RecordOptions): Transport {
  const { directory, keepBytes = 0, secrets = [] } = options
  if (typeof directory !== 'string' || directory === '') {
    throw new ArgumentError('directory', 'Cannot record without a directory: name one in "directory"')
  }
  if (!(keepBytes >= 0)) {
    throw new ArgumentError(
      'keepBytes',
      `Cannot keep ${String(keepBytes)} bytes: a number from 0 on is needed`,
    )
  }
  const { name, origin, identity } = transport
  const server: TapeServer = { name, origin, ...(identity === undefined ? {} : { identity }) }
  let opened: Promise<Session> | undefined
  // Loaded when needed: it needs node:fs, and an edge worker loads this package too.
  const session = (): Promise<Session> => {
    opened ??= import('./session.ts').then(({ openSession }) =>
      openSession({ directory, keepBytes, secrets }),
    )
    return opened
  }
  const openMessages = transport.openMessages?.bind(transport)
  const token = transport.token?.bind(transport)
  return {
    ...transport,
    async fetch(input, init) {
      const { recordExchange } = await import('./record-exchange.ts')
      return recordExchange(transport, await session(), server, input, init)
    },
    ...(openMessages === undefined
      ? {}
      : {
          async openMessages(path, options) {
            const { recordMessages } = await import('./record-messages.ts')
            return recordMessages(openMessages, await session(), server, path, options)
          },
        }),
    ...(token === undefined
      ? {}
      : {
          // Clients ask for the token before they send it, so the session knows it before anything is written.
          async token(refused) {
            const shown = await token(refused)
            ;(await session()).hideToo(shown)
            return shown
          },
        }),
  }
}
