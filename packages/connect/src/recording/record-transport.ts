import { ArgumentError, type Transport } from '@hyperkit/core'
import type { TapeServer } from '@hyperkit/core/parts'
import type { Session } from './session.ts'

/** Options of {@link recordTransport}. */
export interface RecordOptions {
  /** The directory of the tapes. It is made if it is missing; existing tapes stay, and their numbers are continued. */
  directory: string
  /**
   * Image files and other binary bodies up to this size are kept beside their tape; of larger ones only size and SHA-256 are. A body
   * that was not kept cannot be played back. @default 0
   */
  keepBytes?: number
  /** Further texts to hide wherever they occur, of eight characters or more. @default none */
  secrets?: readonly string[]
}

/**
 * Records a transport: writes one readable file for each request and its answer, and one for each WebSocket. Secrets do not get
 * into the files: tokens, passwords, secrets of images and operations, private keys and cookies are replaced, each by a placeholder
 * of its own.
 *
 * `replay()` of @hyperkit/embedded answers from the files. The commands record if the environment has `HYPERKIT_RECORD`; see
 * {@link recordIfAsked}.
 *
 * Bodies stream as without a recording; only the small files themselves are waited for. If a later write fails (a full disk), one
 * warning is printed on the console and the requests continue.
 *
 * @throws ArgumentError for an empty `directory`, or a `keepBytes` that is not a size
 * @throws HyperkitError `file-unwritable`, from the first request, before anything is sent
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
    throw new ArgumentError('directory', 'Cannot record: "directory" is empty; name one')
  }
  if (!(keepBytes >= 0)) {
    throw new ArgumentError(
      'keepBytes',
      `Cannot record with "keepBytes" ${String(keepBytes)}: it must be 0 or more`,
    )
  }
  const { name, origin, identity } = transport
  const server: TapeServer = { name, origin, ...(identity === undefined ? {} : { identity }) }
  let opened: Promise<Session> | undefined
  // Loaded when needed, since it needs node:fs, and an edge worker loads this package too.
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
          // Clients ask for the token before they send it, so the recording knows it before anything is written.
          async token(refused) {
            const shown = await token(refused)
            ;(await session()).hideToo(shown)
            return shown
          },
        }),
  }
}
