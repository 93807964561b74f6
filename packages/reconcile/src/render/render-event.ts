import { formatBytes } from '@hyperkit/terminal/text'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { describeChange } from './describe-change.ts'

/** One line of progress. */
export function renderEvent(event: ApplyEvent): string {
  if (event.kind === 'ended') {
    const { change, outcome, error } = event.result
    const { title } = describeChange(change)
    if (outcome === 'done') return `${event.server}: ${inPast(title)}`
    return `${event.server}: ${outcome}, ${title}${error === undefined ? '' : `: ${error.message}`}`
  }
  const { title } = describeChange(event.change)
  if (event.kind === 'begun') return `${event.server}: ${title}`
  if (event.kind === 'warned') return `${event.server}: warning, ${title}: ${event.message}`
  if (event.kind === 'waiting') return `${event.server}: ${title}: ${event.message}`
  const { bytes, totalBytes, percent, bytesPerSecond } = event.progress
  const parts = [
    bytes === undefined
      ? ''
      : formatBytes(bytes) + (totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`),
    percent === undefined ? '' : `${Math.floor(percent)} %`,
    bytesPerSecond === undefined ? '' : `${formatBytes(bytesPerSecond)}/s`,
  ]
  return `${event.server}: ${title}, ${parts.filter((part) => part !== '').join(', ')}`
}

/** `upload image x` as `uploaded image x`. */
function inPast(title: string): string {
  return title.replace(/^\w+/, (verb) => `${verb.replace(/y$/, 'i').replace(/e$/, '')}ed`)
}
