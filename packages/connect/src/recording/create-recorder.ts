import { ArgumentError, type Transport } from '@hyperkit/core'
import type { TapeServer } from '@hyperkit/core/parts'
import type { Session } from './session.ts'

/** Options of {@link createRecorder} and {@link recordTransport}. */
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

/** One recording. Its transports share the numbers of the tapes, and a secret of one is hidden in the tapes of all. */
export interface Recorder {
  /** Records a transport; see {@link recordTransport}. */
  record(transport: Transport): Transport
}

/**
 * Starts a recording of one or more transports. Several servers that are used together need one recorder: it hides a secret of one
 * server also when it is sent to another.
 *
 * @throws ArgumentError for an empty `directory`, or a `keepBytes` that is not a size
 *
 * @example
 * ```ts
 * const recorder = createRecorder({ directory: './tapes' })
 * const prod = await connect({ remote: 'prod', wrapTransport: recorder.record })
 * const lab = await connect({ remote: 'lab', wrapTransport: recorder.record })
 * ```
 */
export function createRecorder(options: RecordOptions): Recorder {
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
  let opened: Promise<Session> | undefined
  // Loaded when needed, since it needs node:fs, and an edge worker loads this package too.
  const session = (): Promise<Session> => {
    opened ??= import('./session.ts').then(({ openSession }) =>
      openSession({ directory, keepBytes, secrets }),
    )
    return opened
  }
  return { record: (transport) => recordWith(transport, session) }
}

function recordWith(transport: Transport, session: () => Promise<Session>): Transport {
  const { name, origin, identity } = transport
  const server: TapeServer = { name, origin, ...(identity === undefined ? {} : { identity }) }
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
