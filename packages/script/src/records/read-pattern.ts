/** How a value is compared. */
export interface PatternOptions {
  ignoresCase?: boolean
  /** Whether `a,b` is one of several texts instead of a pattern. */
  isList?: boolean
}

/** Classes of Go's regular expressions that JavaScript has not. */
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
 * A test for texts that reads a value as LXD and Incus do: as a regular expression for the whole text, or for any part of
 * it if it has `^` or `$`, and literally if it is not a regular expression.
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
    // The whole as Go's servers put it together: `a|b` is what begins with a, or ends with b.
    const anchored = /[$^]/.test(value) ? source : `^${source}$`
    return new RegExp(anchored, ignoresCase || flag !== '' ? 'i' : '')
  } catch {
    return undefined
  }
}
