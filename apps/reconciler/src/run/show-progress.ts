import type { ApplyEvent, Change } from '@hyperkit/reconcile'
import {
  describeEvent,
  isCreation,
  labelTransfer,
  renderEvent,
  type ShownProgress,
  trackTransfers,
} from '@hyperkit/reconcile/parts'
import type { Console } from '@hyperkit/script'
import { openBoard, type ProgressBoard, type ShownStep } from '@hyperkit/script/command'
import { showText } from '@hyperkit/terminal/text'
import type { ProgressKind } from '../arguments/manifest-arguments.ts'

const eventInterval = 250

/**
 * Shows on stderr what an apply does: the end of each change, and of a transfer also its beginning and its progress, as bars,
 * lines or JSON documents. With `--quiet` only warnings and failures remain.
 */
export function showProgress(console: Console, kind: ProgressKind): ShownProgress {
  if (kind === 'none') return { take: () => {}, stop: () => {} }
  if (kind === 'json') return { take: takeAsEvents(console), stop: () => {} }
  return showOnBoard(console, openBoard(console, kind === 'plain' ? { hasBars: false } : {}))
}

/** Prints at most four documents per second for a transfer, and always one when all bytes are sent. */
function takeAsEvents(console: Console): (event: ApplyEvent) => void {
  const transfers = trackTransfers()
  const last = new WeakMap<Change, number>()
  const isComplete = new WeakSet<Change>()
  return (event) => {
    const now = performance.now()
    transfers.take(event, now)
    const transfer = transfers.find(event, now)
    if (event.kind === 'moved') {
      const { change } = event
      const isWhole = transfer !== undefined && transfer.bytes === transfer.totalBytes
      const isLast = isWhole && !isComplete.has(change)
      if (isLast) isComplete.add(change)
      else if (now - (last.get(change) ?? Number.NEGATIVE_INFINITY) < eventInterval) return
      last.set(change, now)
    }
    console.event(describeEvent(event, transfer), { isNote: isNote(event) })
  }
}

function showOnBoard(console: Console, board: ProgressBoard): ShownProgress {
  const steps = new Map<Change, ShownStep>()
  const stepOf = (server: string, change: Change): ShownStep => {
    const known = steps.get(change)
    if (known !== undefined) return known
    const step = board.begin(labelTransfer(server, change), {
      announced: renderEvent({ kind: 'begun', server, change }),
      totalBytes: change.action === 'upload-image' ? change.bytes : undefined,
    })
    steps.set(change, step)
    return step
  }
  return {
    take(event) {
      if (event.kind === 'moved') return stepOf(event.server, event.change).take(event.progress)
      const isTransfer = event.kind === 'begun' && isCreation(event.change)
      if (event.kind !== 'begun' || isTransfer) printLine(event, console)
      if (isTransfer) stepOf(event.server, event.change)
      if (event.kind === 'ended') {
        steps.get(event.result.change)?.stop()
        steps.delete(event.result.change)
      }
      board.draw()
    },
    stop() {
      steps.clear()
      board.clear()
    },
  }
}

function printLine(event: ApplyEvent, console: Console): void {
  const line = showText(renderEvent(event), { keep: '\n' })
  void (isNote(event) ? console.note(line) : console.error(line))
}

/** Whether an event reports neither a warning nor a failure. */
function isNote(event: ApplyEvent): boolean {
  return event.kind === 'ended' ? event.result.outcome === 'done' : event.kind !== 'warned'
}
