import type { TransferState } from './follow-transfer.ts'
import { formatBytes } from './format-bytes.ts'
import { cutToWidth, padToWidth, widthOf } from './text-width.ts'

/** A transfer with its name. */
export interface Bar extends TransferState {
  label: string
}

/**
 * One line for each transfer, for a terminal of a given size: its name, a bar, the bytes so far and in total, the rate and the time left.
 * The last line counts the transfers that do not fit.
 */
export function renderBars(
  transfers: readonly Bar[],
  { columns, rows }: { columns: number; rows: number },
): string[] {
  const room = Math.max(1, rows - 1)
  const shown = transfers.length > room ? transfers.slice(0, room - 1) : transfers
  const labels = shown.map(({ label }) => label)
  const label = Math.min(Math.max(0, ...labels.map(widthOf)), Math.max(12, Math.floor(columns / 3)))
  const facts = shown.map(factsOf)
  const widest = Math.max(0, ...facts.map(widthOf))
  const bar = Math.min(30, columns - 1 - label - widest - 6)
  const lines = shown.map((transfer, index) => {
    const name = padToWidth(cutToWidth(labels[index] ?? '', label), label)
    const drawn = bar < 5 ? '' : `  ${drawBar(transfer.percent, bar)}`
    return cutToWidth(`${name}${drawn}  ${facts[index] ?? ''}`, columns - 1)
  })
  const more = transfers.length - shown.length
  return more === 0 ? lines : [...lines, cutToWidth(`and ${more} more`, columns - 1)]
}

/** `45 %, 12.3 MB of 27.1 MB, 5.2 MB/s, 3 s left` */
export function factsOf(transfer: TransferState): string {
  const { bytes, totalBytes, percent, bytesPerSecond, secondsLeft } = transfer
  const isSent = totalBytes !== undefined && bytes >= totalBytes
  const parts = [
    ...(percent === undefined ? [] : [`${Math.floor(percent)} %`]),
    ...(bytes === 0 && percent !== undefined && totalBytes === undefined
      ? []
      : [`${formatBytes(bytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}`]),
    ...(isSent
      ? ['the server is working']
      : [
          ...(bytesPerSecond === undefined ? [] : [`${formatBytes(bytesPerSecond)}/s`]),
          ...(secondsLeft === undefined ? [] : [`${formatDuration(secondsLeft)} left`]),
        ]),
  ]
  return parts.join(', ')
}

/** `5 s`, `2 min 5 s`, `1 h 3 min` */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
}

function drawBar(percent: number | undefined, width: number): string {
  const full = Math.floor(((percent ?? 0) / 100) * width)
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}]`
}
