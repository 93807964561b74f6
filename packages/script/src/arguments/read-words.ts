import { parseArgs } from 'node:util'
import { nearestName } from '@hyperkit/terminal/text'
import type { ArgumentFacts } from './argument.ts'
import { UsageError } from './usage-error.ts'

/** The texts of a command line by key. */
export type Given = Map<string, (string | boolean)[]>

type Token = ReturnType<typeof tokensOf>[number]
export type OptionToken = Extract<Token, { kind: 'option' }>

/**
 * Splits a command line into flags with their values and positional arguments in order.
 *
 * @throws UsageError unknown flag, missing value, unexpected argument
 */
export function readWords(words: readonly string[], args: readonly ArgumentFacts[]): Given {
  const given: Given = new Map()
  const flags = args.filter((argument) => !argument.isPositional)
  const positionals = args.filter((argument) => argument.isPositional)
  let position = 0
  const take = (argument: ArgumentFacts, value: string | boolean): void => {
    given.set(argument.key, [...(given.get(argument.key) ?? []), value])
  }
  for (const token of tokensOf(words, flags)) {
    if (token.kind === 'option') {
      const { argument, value } = readFlag(token, flags)
      take(argument, value)
    } else if (token.kind === 'positional') {
      const argument = positionals[position]
      if (argument === undefined) throw unexpected(token.value, positionals.length)
      take(argument, token.value)
      if (!argument.isMany) position++
    }
  }
  return given
}

/** Not strict: our own messages report what is wrong, with the nearest flag. */
export function tokensOf(words: readonly string[], flags: readonly ArgumentFacts[]) {
  const options = Object.fromEntries(
    flags.map(({ name, short, kind }) => [
      name.slice(2),
      {
        type: kind === 'switch' ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  )
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens
}

function readFlag(
  token: OptionToken,
  flags: readonly ArgumentFacts[],
): { argument: ArgumentFacts; value: string | boolean } {
  const argument = flags.find(({ name }) => name === `--${token.name}`)
  if (argument?.kind === 'switch') return { argument, value: readSwitch(argument, token.value) }
  if (argument !== undefined) return { argument, value: readValue(argument, token) }
  const negated = flags.find(
    ({ kind, name }) => kind === 'switch' && token.rawName === `--no-${name.slice(2)}`,
  )
  if (negated !== undefined) return { argument: negated, value: !readSwitch(negated, token.value) }
  throw unknownFlag(token.rawName, flags)
}

/** `-f table`, `-ftable`, `-f=table`, `--format table`, `--format=table`. */
function readValue({ name, value: shown }: ArgumentFacts, token: OptionToken): string {
  const { rawName, value, inlineValue } = token
  if (value === undefined || holdsFlag(token))
    throw new UsageError(`"${name}" needs a value: ${name} <${shown}>`)
  return inlineValue === true && !rawName.startsWith('--') ? value.replace(/^=/, '') : value
}

/** Whether the value of a flag is the next flag, because its own value is missing. */
export function holdsFlag(token: OptionToken): token is OptionToken & { value: string } {
  return token.inlineValue !== true && token.value !== undefined && /^-[^\d]/s.test(token.value)
}

function readSwitch({ name }: ArgumentFacts, value: string | undefined): boolean {
  if (value === undefined || value === 'true') return true
  if (value === 'false') return false
  throw new UsageError(`"${name}" takes only true or false as a value, not ${JSON.stringify(value)}`)
}

function unknownFlag(given: string, flags: readonly ArgumentFacts[]): UsageError {
  const names = flags.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [`-${short}`])])
  const near = given.startsWith('--') ? nearestName(given, names) : undefined
  return new UsageError(
    `unknown flag ${JSON.stringify(given)}${near === undefined ? '; --help lists all' : `; did you mean "${near}"?`}`,
  )
}

function unexpected(word: string, most: number): UsageError {
  const why =
    most === 0 ? 'takes flags only' : `takes ${most === 1 ? 'one argument' : `at most ${most} arguments`}`
  return new UsageError(`unexpected argument ${JSON.stringify(word)}: this command ${why}; see --help`)
}
