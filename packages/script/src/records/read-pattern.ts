/** Options of {@link readPattern}. */
export interface PatternOptions {
  ignoresCase?: boolean
  /** Whether `a,b` matches either text instead of being a pattern. */
  isList?: boolean
}

/** Character classes that Go's regular expressions have and JavaScript's lack. */
const classes: Readonly<Record<string, string>> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  xdigit: '0-9a-fA-F',
  space: '\\s',
  word: '\\w',
  punct: '!-\\/:-@\\[-`{-~',
}

/**
 * Makes a test for texts from a value, as LXD and Incus do: the value is a regular expression for the whole text, or for any part
 * of it if it contains `^` or `$`. A value that is not a valid regular expression is compared literally.
 */
export function readPattern(
  value: string,
  { ignoresCase = false, isList = false }: PatternOptions = {},
): (text: string) => boolean {
  const fold = (text: string): string => (ignoresCase ? text.toLowerCase() : text)
  if (isList && value.includes(',')) {
    const texts = new Set([value, ...value.split(',')].map(fold))
    return (text) => texts.has(fold(text))
  }
  const expression = readExpression(value, ignoresCase)
  return expression === undefined ? (text) => fold(text) === fold(value) : (text) => expression.test(text)
}

function readExpression(value: string, ignoresCase: boolean): RegExp | undefined {
  const [, flag = '', rest = ''] = /^(\(\?i\))?(.*)$/s.exec(value) ?? []
  const source = rest.replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
  try {
    // The servers put `^` before and `$` after the value, so `a|b` matches texts that begin with a or end with b.
    const anchored = /[$^]/.test(value) ? source : `^${source}$`
    return new RegExp(anchored, ignoresCase || flag !== '' ? 'i' : '')
  } catch {
    return undefined
  }
}
