import type { Progress } from '@hyperkit/core'
import type { Screen } from '@hyperkit/terminal'
import { factsOf, followTransfer, renderBars, showText } from '@hyperkit/terminal/text'

/** The steps of a script that are shown on stderr, as many as are under way at once. */
export interface ProgressBoard {
  /** Shows a step from now on. */
  begin(label: string): ShownStep
}

/** A step that is shown. */
export interface ShownStep {
  /** Takes the next report of how far it is. */
  take(progress: Progress): void
  /** Takes it away. */
  stop(): void
}

const plainInterval = 10_000
const barInterval = 100
const standstill = 500

/** Bars that are drawn anew on a terminal; elsewhere a line at the beginning, and one in ten seconds. */
export function openBoard(screen: Screen): ProgressBoard {
  return screen.isLive ? drawBars(screen) : writeLines(screen)
}

function drawBars(screen: Screen): ProgressBoard {
  const bars = new Map<object, () => Parameters<typeof renderBars>[0][number]>()
  let drawn = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setInterval> | undefined
  const draw = (): void => {
    drawn = performance.now()
    screen.live(
      renderBars(
        [...bars.values()].map((bar) => bar()),
        screen.size(),
      ),
    )
  }
  return {
    begin(text) {
      const label = showText(text)
      const transfer = followTransfer(performance.now())
      const step: ShownStep = {
        take(progress) {
          transfer.move(progress, performance.now())
          if (performance.now() - drawn >= barInterval) draw()
        },
        stop() {
          bars.delete(step)
          if (bars.size === 0) clearInterval(timer)
          draw()
        },
      }
      // A transfer that stands still is seen to: its rate falls.
      if (bars.size === 0) timer = setInterval(draw, standstill)
      bars.set(step, () => ({ label, ...transfer.measure(performance.now()) }))
      draw()
      return step
    },
  }
}

function writeLines(screen: Screen): ProgressBoard {
  return {
    begin(text) {
      const label = showText(text)
      const transfer = followTransfer(performance.now())
      let last = performance.now()
      void screen.error(label)
      return {
        take(progress) {
          const now = performance.now()
          transfer.move(progress, now)
          if (now - last < plainInterval) return
          last = now
          void screen.error(`${label}: ${factsOf(transfer.measure(now))}`)
        },
        stop: () => {},
      }
    },
  }
}
