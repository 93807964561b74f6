import type { ArgumentFacts } from './argument.ts'
import { holdsFlag, type OptionToken, tokensOf } from './read-words.ts'

/**
 * Whether a command line turns a switch on or off; undefined if it does neither. Unlike `readWords` it accepts any command
 * line: how an error is printed depends on switches of the line that is wrong.
 */
export function findSwitch(
  words: readonly string[],
  args: readonly ArgumentFacts[],
  key: string,
): boolean | undefined {
  const flags = args.filter(({ isPositional }) => !isPositional)
  const wanted = flags.find((argument) => argument.key === key && argument.kind === 'switch')
  if (wanted === undefined) return undefined
  const readToken = (token: OptionToken): boolean | undefined => {
    if (`--${token.name}` === wanted.name) return readValue(token.value)
    if (token.rawName !== `--no-${wanted.name.slice(2)}`) return undefined
    const value = readValue(token.value)
    return value === undefined ? undefined : !value
  }
  return tokensOf(words, flags)
    .filter((token) => token.kind === 'option')
    .flatMap((token) => [token, ...swallowed(token, flags)])
    .map(readToken)
    .findLast((value) => value !== undefined)
}

/** In `--remote --json` the parser takes the second flag for the value of the first. */
function swallowed(token: OptionToken, flags: readonly ArgumentFacts[]): OptionToken[] {
  if (!holdsFlag(token)) return []
  return tokensOf([token.value], flags).filter((each) => each.kind === 'option')
}

function readValue(value: string | undefined): boolean | undefined {
  if (value === undefined || value === 'true') return true
  return value === 'false' ? false : undefined
}
