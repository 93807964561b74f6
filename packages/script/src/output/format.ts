import { nearestName } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import { flag } from '../arguments/argument-metadata.ts'

/**
 * The ways to show rows, as `--format` takes them.
 *
 * @example
 * ```ts
 * import { formatNames } from '@hyperkit/script'
 *
 * console.log(formatNames.includes('yaml')) // true
 * ```
 */
export const formatNames = ['table', 'json', 'yaml', 'csv', 'markdown', 'compact'] as const
/** A way to show rows. */
export type FormatName = (typeof formatNames)[number]

/** How rows are shown: what the flag of {@link formatFlag} reads. */
export interface Format {
  name: FormatName
  hasHeader: boolean
}

const description = `How to show rows: ${formatNames.join(', ')}; append ",noheader" or ",header"`

/**
 * The flag `--format` of a script that shows rows.
 *
 * @example
 * ```ts
 * const args = v.object({ format: formatFlag() })
 * ```
 */
export function formatFlag() {
  return v.optional(
    v.pipe(
      v.string(),
      v.description(description),
      flag({ short: 'f', value: 'format' }),
      v.rawTransform(({ dataset, addIssue, NEVER }): Format => {
        const [name = '', ...options] = dataset.value.split(',')
        const known = formatNames.find((candidate) => candidate === name)
        const wrong = options.find((option) => option !== 'header' && option !== 'noheader')
        if (known === undefined) {
          const near = nearestName(name, formatNames)
          const hint =
            near === undefined ? `it must be one of ${formatNames.join(', ')}` : `did you mean "${near}"?`
          addIssue({ message: `unknown format; ${hint}` })
          return NEVER
        }
        if (wrong !== undefined) {
          addIssue({ message: `${JSON.stringify(wrong)} is neither "header" nor "noheader"` })
          return NEVER
        }
        return {
          name: known,
          hasHeader: options.at(-1) === undefined ? known !== 'csv' : options.at(-1) === 'header',
        }
      }),
    ),
    'table',
  )
}
