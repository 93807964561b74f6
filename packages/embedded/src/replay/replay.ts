import { ArgumentError, HyperkitError, type Transport } from '@hyperkit/core'
import type { TapeServer } from '@hyperkit/core/parts'
import { type Asked, readAsked, splitPath } from './asked.ts'
import { findExchange } from './find-exchange.ts'
import { giveAnswer, revive } from './give-answer.ts'
import { giveMessages, type Pace } from './give-messages.ts'
import type { HiddenValues } from './hidden-values.ts'
import { matchJson } from './match-json.ts'
import { readTapes, type Tape } from './read-tapes.ts'

/** Options of {@link replay}. */
export interface ReplayOptions {
  /** The server to replay, by its name or origin in the recording. Required if the recording contains more than one. */
  server?: string
  /**
   * `'path'`: each request is answered by the next recorded one that is equal, so that independent requests may come in another order.
   * `'recorded'`: requests must come exactly in the recorded order. @default 'path'
   */
  order?: 'path' | 'recorded'
  /** Whether the body of a request must equal the recorded one. @default 'compare' */
  bodies?: 'compare' | 'ignore'
}

/** A transport that gives the recorded answers of a server. */
export interface ReplayedServer extends Transport {
  /** Files of the recording that were not requested yet. */
  remaining(): string[]
}

/**
 * Replays a recording: returns a transport for `createClient()`, also usable by its `fetch`, that needs no server.
 *
 * Recordings are made with `HYPERKIT_RECORD=directory` or `recordTransport()` of @hyperkit/connect. Each recorded answer is
 * given once. A hidden secret matches any value. Messages of WebSockets arrive after as many
 * requests as in the recording.
 *
 * @param directory the folder of the recording
 * @throws ArgumentError a `server` that is not in the recording, or none if it contains several
 * @throws HyperkitError `file-unreadable`, `invalid-configuration`; from a request, `not-recorded` with the nearest recorded request
 *
 * @example
 * ```ts
 * const server = await replay('./tapes')
 * const client = createClient({ transport: server })
 * console.log((await client.server()).version, server.remaining())
 * ```
 */
export async function replay(directory: string, options: ReplayOptions = {}): Promise<ReplayedServer> {
  const all = await readTapes(directory)
  const { name, origin, identity } = chooseServer(all, directory, options.server)
  const tapes = all.filter((tape) => serverOf(tape).origin === origin && serverOf(tape).name === name)
  const rules = {
    directory,
    order: options.order ?? 'path',
    compareBodies: options.bodies !== 'ignore',
  }
  const pace = createPace()
  let values: HiddenValues = new Map()
  return {
    name,
    origin,
    ...(identity === undefined ? {} : { identity }),
    remaining: () => tapes.filter(({ used }) => !used).map(({ file }) => file),
    async fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      const signal = init?.signal ?? (typeof input === 'string' ? undefined : input.signal)
      const asked = await readAsked(request)
      const found = findExchange(tapes, asked, values, rules)
      found.tape.used = true
      values = found.values
      pace.step()
      return giveAnswer(found.tape, values, directory, signal ?? undefined)
    },
    async openMessages(path, { signal }) {
      const tape = findMessages(tapes, splitPath(path), path, directory)
      tape.used = true
      pace.step()
      const { failure } = tape.head
      if (failure !== undefined)
        throw revive(failure === 'aborted' ? { name: 'AbortError', message: failure } : failure)
      return giveMessages(tape.lines, () => values, pace, signal)
    },
  }
}

function serverOf(tape: Tape): TapeServer {
  return tape.kind === 'exchange' ? tape.exchange.server : tape.head.server
}

function chooseServer(tapes: readonly Tape[], directory: string, wanted: string | undefined): TapeServer {
  const servers = [...new Map(tapes.map(serverOf).map((one) => [`${one.name} ${one.origin}`, one])).values()]
  const fitting = servers.filter(
    ({ name, origin }) => wanted === undefined || wanted === name || wanted === origin,
  )
  const [first, second] = fitting
  if (first !== undefined && second === undefined) return first
  const known = servers.map(({ name, origin }) => `"${name}" (${origin})`).join(', ')
  throw new ArgumentError(
    'server',
    first === undefined
      ? `Cannot replay "${wanted}" from "${directory}": the recording contains ${known}`
      : `Cannot replay "${directory}": it contains several servers, ${known}; choose one with the option "server"`,
  )
}

type MessagesTape = Extract<Tape, { kind: 'messages' }>

function findMessages(
  tapes: readonly Tape[],
  { pathname, query }: Pick<Asked, 'pathname' | 'query'>,
  path: string,
  directory: string,
): MessagesTape {
  const waiting = tapes.filter((tape): tape is MessagesTape => tape.kind === 'messages' && !tape.used)
  const found = waiting.find(({ head }) => {
    const recorded = splitPath(head.messages.path)
    return (
      recorded.pathname === pathname &&
      'values' in matchJson(Object.fromEntries(recorded.query), Object.fromEntries(query), new Map())
    )
  })
  if (found !== undefined) return found
  const [nearest] = waiting
  const hint =
    nearest === undefined
      ? 'no recorded WebSocket is left'
      : `the next recorded one is ${nearest.file}: ${nearest.head.messages.path}`
  throw new HyperkitError(
    'not-recorded',
    `Cannot open the WebSocket ${path} from recording "${directory}": ${hint}`,
  )
}

function createPace(): Pace & { step(): void } {
  let begun = 0
  let waiting: (() => void)[] = []
  return {
    begun: () => begun,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    step() {
      begun++
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
  }
}
