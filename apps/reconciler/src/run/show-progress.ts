import type { ApplyEvent } from '@hyperkit/reconcile'
import {
  describeEvent,
  isCreation,
  labelTransfers,
  renderEvent,
  type ShownProgress,
  type Transfers,
  trackTransfers,
} from '@hyperkit/reconcile/parts'
import type { Console } from '@hyperkit/script'
import { factsOf, renderBars } from '@hyperkit/terminal/text'
import type { ProgressKind } from '../arguments/manifest-arguments.ts'

const plainInterval = 10_000
const eventInterval = 250
const barInterval = 100

/**
 * Shows on stderr what happens. Of what takes one request the end is shown; of a transfer also its beginning and, while it
 * goes on, bars that are drawn anew, a line in ten seconds, or an event four times a second.
 */
export function showProgress(console: Console, kind: ProgressKind): ShownProgress {
  const transfers = trackTransfers()
  if (kind === 'none') return { take: () => {}, stop: () => {} }
  if (kind === 'json') return { take: takeAsEvents(console, transfers), stop: () => {} }
  return kind === 'auto' && console.isLive ? drawBars(console, transfers) : writeLines(console, transfers)
}

function takeAsEvents(console: Console, transfers: Transfers): (event: ApplyEvent) => void {
  const isDue = createPacer(eventInterval)
  return (event) => {
    const now = performance.now()
    transfers.take(event, now)
    const transfer = transfers.find(event, now)
    const isWhole = transfer !== undefined && transfer.bytes === transfer.totalBytes
    if (event.kind === 'moved' && !isDue(event.change, now, isWhole)) return
    console.event(describeEvent(event, transfer))
  }
}

function writeLines(console: Console, transfers: Transfers): ShownProgress {
  const isDue = createPacer(plainInterval, true)
  return {
    take(event) {
      const now = performance.now()
      transfers.take(event, now)
      if (event.kind === 'moved') {
        const transfer = transfers.find(event, now)
        if (transfer === undefined || !isDue(event.change, now)) return
        const { server, change } = event
        void console.error(`${renderEvent({ kind: 'begun', server, change })}, ${factsOf(transfer)}`)
      } else if (isWorthALine(event)) void console.error(renderEvent(event))
    },
    stop: () => {},
  }
}

function drawBars(console: Console, transfers: Transfers): ShownProgress {
  let drawn = Number.NEGATIVE_INFINITY
  const draw = (): void => {
    drawn = performance.now()
    console.live(renderBars(labelTransfers(transfers.list(drawn)), console.size()))
  }
  // A transfer that stands still is seen to: its rate falls.
  const timer = setInterval(draw, 500)
  timer.unref()
  return {
    take(event) {
      transfers.take(event, performance.now())
      if (event.kind !== 'moved') {
        if (isWorthALine(event)) void console.error(renderEvent(event))
        draw()
      } else if (performance.now() - drawn >= barInterval) draw()
    },
    stop() {
      clearInterval(timer)
      console.live([])
    },
  }
}

function isWorthALine(event: ApplyEvent): boolean {
  return (
    event.kind === 'ended' ||
    event.kind === 'waiting' ||
    event.kind === 'warned' ||
    (event.kind === 'begun' && isCreation(event.change))
  )
}

/** True at most once in an interval for a key; and once more, at once, for what must be said. */
function createPacer(
  interval: number,
  waitsFirst = false,
): (key: object, now: number, must?: boolean) => boolean {
  const last = new WeakMap<object, number>()
  const said = new WeakSet<object>()
  return (key, now, must = false) => {
    const before = last.get(key)
    if (before === undefined && waitsFirst) {
      last.set(key, now)
      return false
    }
    const isForced = must && !said.has(key)
    if (isForced) said.add(key)
    if (before !== undefined && now - before < interval && !isForced) return false
    last.set(key, now)
    return true
  }
}
