const number = String.raw`[-+]?(?:0[xX][\da-fA-F_]+|0[bBoO][0-7_]+|[.\d][\d_.,:]*(?:[eE][-+]?\d+)?)|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)`
const date = String.raw`\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?`
const word =
  '(?:[yY]|[yY]es|YES|[nN]|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|[tT]rue|TRUE|[fF]alse|FALSE|[nN]ull|NULL|~)'

/**
 * A tag for the option `compat` of the package `yaml`: the plain texts that a reader of YAML 1.1 does not take for text, so that they are
 * quoted. Most clients of LXD and Incus are such readers: `20241127_05:24` is a number to them, in base 60, `yes` and `off` are booleans,
 * and `=` is an error. Words that Ruby takes for symbols (`:a`), and its numbers with commas, are among them.
 *
 * @example
 * ```ts
 * import { oldYamlScalar } from '@hyperkit/terminal/text'
 * import { stringify } from 'yaml'
 *
 * console.log(stringify({ serial: '20241127_05:24' }, { compat: [oldYamlScalar] })) // serial: "20241127_05:24"
 * ```
 */
export const oldYamlScalar = {
  tag: 'tag:hyperkit,2026:old',
  default: true,
  test: new RegExp(`^(?:${number}|${date}|${word}|=|<<|:.*)$`),
  resolve: (text: string): string => text,
} as const
