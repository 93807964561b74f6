import type { WatchEvent } from '@hyperkit/reconcile'
import { describeWatchEvent, renderWatchEvent } from '@hyperkit/reconcile/parts'
import type { Console } from '@hyperkit/script'
import { showText } from '@hyperkit/terminal/text'

/** Says what a watch does: changes as lines on stdout and all else on stderr, or all of it as JSON lines on stdout. */
export function printWatch(console: Console, isJson: boolean): (event: WatchEvent) => void {
  return (event) => {
    const at = new Date()
    if (isJson) return void console.result(`${JSON.stringify(describeWatchEvent(event, at))}\n`)
    const rendered = renderWatchEvent(event, at)
    if (rendered === undefined) return
    // Names and messages come from servers, too.
    const line = showText(rendered.line, { keep: '\n' })
    void (rendered.isResult ? console.result(`${line}\n`) : console.error(line))
  }
}
