import type { Progress } from '@hyperkit/core'
import type { Screen } from '@hyperkit/terminal'
import { cutToWidth, formatBytes, showText } from '@hyperkit/terminal/text'

/** Shows how far a step is, on stderr: a line that is drawn anew on a terminal, else a line each ten seconds. */
export interface ShownProgress {
  take(progress: Progress): void
  stop(): void
}

const plainInterval = 10_000
const liveInterval = 100

export function showProgress(screen: Screen, label: string): ShownProgress {
  const name = showText(label)
  let last = performance.now()
  if (!screen.isLive) void screen.error(name)
  return {
    take(progress) {
      const now = performance.now()
      if (now - last < (screen.isLive ? liveInterval : plainInterval)) return
      last = now
      const line = `${name}: ${describe(progress)}`
      if (screen.isLive) screen.live([cutToWidth(line, screen.size().columns - 1)])
      else void screen.error(line)
    },
    stop: () => screen.live([]),
  }
}

function describe({ percent, bytes, totalBytes, bytesPerSecond, stage }: Progress): string {
  const parts = [
    ...(percent === undefined ? [] : [`${Math.floor(percent)} %`]),
    ...(bytes === undefined
      ? []
      : [`${formatBytes(bytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}`]),
    ...(bytesPerSecond === undefined ? [] : [`${formatBytes(bytesPerSecond)}/s`]),
  ]
  return parts.length === 0 ? showText(stage) : parts.join(', ')
}
