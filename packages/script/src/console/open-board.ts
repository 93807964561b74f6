import {
  type Bar,
  factsOf,
  followTransfer,
  renderBars,
  showText,
  type TransferReport,
} from '@hyperkit/terminal/text'
import type { Console } from './open-console.ts'

/** The steps of a command that are shown on stderr while they run, as many as run at once. With `--quiet` none is shown. */
export interface ProgressBoard {
  /** Shows a step from now on. */
  begin(label: string, options?: BeginOptions): ShownStep
  /** Draws the bars again, below a line that was written in their place. */
  draw(): void
  /** Removes all steps. */
  clear(): void
}

/** Options of `begin` of a {@link ProgressBoard}. */
export interface BeginOptions {
  /** The size of the transfer, if it is known before the first report. */
  totalBytes?: number | undefined
  /**
   * The line by which the caller has announced the step: the lines about its progress repeat it.
   *
   * @default the label, which the board prints when the step begins, unless it draws bars
   */
  announced?: string
}

/** A step that is shown. */
export interface ShownStep {
  /** Takes the next report of its progress. */
  take(progress: TransferReport): void
  /** Removes it. */
  stop(): void
}

/** Options of {@link openBoard}. */
export interface OpenBoardOptions {
  /** Whether it draws bars, or writes lines. @default whether stderr is a terminal that can replace a line */
  hasBars?: boolean
}

const lineInterval = 10_000
const drawInterval = 100
const standstillInterval = 500

/**
 * Shows progress as bars that are redrawn in place, or as lines: one when a step begins, then one every ten seconds.
 *
 * @example
 * ```ts
 * import { openBoard, openConsole } from '@hyperkit/script/command'
 * import { openScreen } from '@hyperkit/terminal'
 *
 * const board = openBoard(openConsole(openScreen(), { hasColours: false }))
 * const step = board.begin('prod: alpine', { totalBytes: 1000 })
 * step.take({ bytes: 450 })
 * step.stop()
 * ```
 */
export function openBoard(
  console: Console,
  { hasBars = console.isLive }: OpenBoardOptions = {},
): ProgressBoard {
  return hasBars ? drawBars(console) : writeLines(console)
}

function drawBars(console: Console): ProgressBoard {
  const bars = new Map<ShownStep, () => Bar>()
  let drawn = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setInterval> | undefined
  const draw = (): void => {
    drawn = performance.now()
    const shown = [...bars.values()].map((measure) => measure())
    console.live(renderBars(shown, console.size()))
  }
  const endTimer = (): void => {
    if (bars.size === 0) clearInterval(timer)
  }
  return {
    begin(text, { totalBytes } = {}) {
      const label = showText(text)
      const transfer = followTransfer(performance.now(), totalBytes)
      const step: ShownStep = {
        take(progress) {
          transfer.move(progress, performance.now())
          if (performance.now() - drawn >= drawInterval) draw()
        },
        stop() {
          bars.delete(step)
          endTimer()
          draw()
        },
      }
      if (bars.size === 0) {
        // A transfer that stalls sends no reports, but its rate must fall.
        timer = setInterval(draw, standstillInterval)
        timer.unref()
      }
      bars.set(step, () => ({ label, ...transfer.measure(performance.now()) }))
      draw()
      return step
    },
    draw,
    clear() {
      bars.clear()
      endTimer()
      draw()
    },
  }
}

function writeLines(console: Console): ProgressBoard {
  return {
    begin(text, { totalBytes, announced } = {}) {
      const line = showText(announced ?? text)
      const transfer = followTransfer(performance.now(), totalBytes)
      let last = performance.now()
      if (announced === undefined) void console.note(line)
      return {
        take(progress) {
          const now = performance.now()
          transfer.move(progress, now)
          if (now - last < lineInterval) return
          last = now
          void console.note(`${line}, ${factsOf(transfer.measure(now))}`)
        },
        stop: () => {},
      }
    },
    draw: () => {},
    clear: () => {},
  }
}
