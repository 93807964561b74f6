import { isHyperkitError } from '@hyperkit/core'
import { showText } from '@hyperkit/terminal/text'
import { isUsageError } from '../arguments/usage-error.ts'

/**
 * The message of an error that ended a script. An error about a server, a file or the command line is reported by its
 * message alone; any other is a bug in the script and is reported with its place.
 *
 * @example
 * ```ts
 * import { explainFailure } from '@hyperkit/script/command'
 *
 * console.log(explainFailure(new Error('no such file'), 'big.ts'))
 * ```
 */
export function explainFailure(error: unknown, command: string): string {
  if (isUsageError(error)) return showText(`Cannot run "${command}": ${error.message}`)
  if (isHyperkitError(error)) return showText(error.message, { keep: '\n' })
  if (!(error instanceof Error)) return showText(`Cannot finish "${command}": it threw ${String(error)}`)
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const isOurs = (line: string): boolean => line.includes('node:') || line.includes('/packages/script/')
  const place = places.filter((line) => !isOurs(line)).slice(0, 3)
  const name = error.name === 'Error' ? '' : `${error.name}: `
  return showText([`Cannot finish "${command}": ${name}${error.message}`, ...place].join('\n'), {
    keep: '\n',
  })
}
