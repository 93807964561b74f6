import { HyperkitError } from '@hyperkit/core'
import type { Asked } from './asked.ts'
import type { HiddenValues } from './hidden-values.ts'
import { matchRequest, type RequestMatch } from './match-request.ts'
import type { Tape } from './read-tapes.ts'

type ExchangeTape = Extract<Tape, { kind: 'exchange' }>

export interface Found {
  tape: ExchangeTape
  values: HiddenValues
}

/**
 * Finds the recorded request that answers this one: the next of all in order `'recorded'`, the next equal one in order
 * `'path'`.
 *
 * @throws HyperkitError `not-recorded`, with the nearest recorded request
 */
export function findExchange(
  tapes: readonly Tape[],
  asked: Asked,
  values: HiddenValues,
  rules: { order: 'path' | 'recorded'; compareBodies: boolean; directory: string },
): Found {
  const exchanges = tapes.filter((tape): tape is ExchangeTape => tape.kind === 'exchange')
  const waiting = exchanges.filter((tape) => !tape.used)
  const candidates = rules.order === 'recorded' ? waiting.slice(0, 1) : waiting
  const misses: { tape: ExchangeTape; miss: Exclude<RequestMatch, { values: HiddenValues }> }[] = []
  for (const tape of candidates) {
    const match = matchRequest(tape.exchange.request, asked, values, rules.compareBodies)
    if ('values' in match) return { tape, values: match.values }
    misses.push({ tape, miss: match })
  }
  const target = `${asked.method} ${asked.pathname}`
  const what = `Cannot answer ${target}${asked.query.length === 0 ? '' : `?${new URLSearchParams(asked.query)}`} from recording "${rules.directory}"`
  const refuse = (reason: string): HyperkitError => new HyperkitError('not-recorded', `${what}: ${reason}`)
  const closeness = ['body', 'header', 'query', 'method or path']
  const distance = ({ request }: ExchangeTape['exchange']): number =>
    distanceOf(target, `${request.method} ${request.path.split('?')[0]}`)
  const [nearest] = misses.sort(
    (a, b) =>
      closeness.indexOf(a.miss.differs) - closeness.indexOf(b.miss.differs) ||
      distance(a.tape.exchange) - distance(b.tape.exchange),
  )
  const spent = exchanges.filter(
    ({ exchange, used }) =>
      used && 'values' in matchRequest(exchange.request, asked, values, rules.compareBodies),
  ).length
  if (spent > 0 && rules.order === 'path' && nearest?.miss.differs !== 'body') {
    throw refuse(`it was recorded ${spent === 1 ? 'once' : `${spent} times`}, and is requested again`)
  }
  if (nearest === undefined) throw refuse('no recorded request is left')
  const word = rules.order === 'recorded' ? 'the next recorded request' : 'the nearest recorded request'
  throw refuse(`${word} is ${nearest.tape.file}; ${nearest.miss.difference}`)
}

/** The Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost))
    }
    row = next
  }
  return row[b.length] ?? 0
}
