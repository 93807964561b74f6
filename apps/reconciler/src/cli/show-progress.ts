import type { ApplyEvent } from '../plan/outcome.ts'
import { renderEvent } from '../render/render-event.ts'
import type { Console } from './console.ts'

const plainInterval = 10_000

/**
 * One line a change that begins or ends. A transfer in between: on a terminal a line that is replaced, else a line in ten
 * seconds.
 */
export function showProgress(console: Console): (event: ApplyEvent) => void {
  const moving = new Map<unknown, string>()
  const shown = new Map<unknown, number>()
  const refresh = (): void => {
    if (moving.size > 0) console.live([...moving.values()].join(' | '))
  }
  return (event) => {
    if (event.kind === 'moved') {
      const line = renderEvent(event)
      moving.set(event.change, line)
      if (console.isLive) return refresh()
      const now = performance.now()
      if (now - (shown.get(event.change) ?? now) >= plainInterval) {
        shown.set(event.change, now)
        void console.error(line)
      }
      return
    }
    const change = event.kind === 'begun' ? event.change : event.result.change
    moving.delete(change)
    shown.set(change, performance.now())
    // What takes one request is worth one line, that of its end.
    if (event.kind === 'ended' || change.action === 'upload-image') void console.error(renderEvent(event))
    refresh()
  }
}
