import type { WatchEvent } from '@hyperkit/reconcile'
import { describeWatchEvent, renderWatchEvent } from '@hyperkit/reconcile/parts'
import type { Console } from '@hyperkit/script'
import { showText } from '@hyperkit/terminal/text'

/**
 * Prints the events of a watch: changes as lines on stdout and everything else on stderr, or all of them as lines of JSON on
 * stdout. With `--quiet` only warnings and errors remain on stderr.
 */
export function printWatch(console: Console, isJson: boolean): (event: WatchEvent) => void {
  return (event) => {
    const at = new Date()
    if (isJson) return void console.result(`${JSON.stringify(describeWatchEvent(event, at))}\n`)
    const rendered = renderWatchEvent(event, at)
    if (rendered === undefined) return
    // Names and messages may come from servers.
    const line = showText(rendered.line, { keep: '\n' })
    if (rendered.isResult) void console.result(`${line}\n`)
    else void (isNote(event) ? console.note(line) : console.error(line))
  }
}

/** Whether an event reports that nothing is wrong. */
function isNote(event: WatchEvent): boolean {
  if (event.kind === 'server') return event.state !== 'lost' && event.state !== 'failed'
  if (event.kind === 'manifest') return event.state === 'loaded'
  return event.kind === 'message' && event.isNote === true
}
