import { nearestName } from '@hyperkit/terminal/text'
import type { Argument } from './argument.ts'
import { UsageError } from './usage-error.ts'

/** What stood on the command line, by key, as texts. */
export type Given = Map<string, (string | boolean)[]>

/**
 * Takes a command line apart: flags with their values, and in order the words without one.
 *
 * @throws UsageError unknown flag, missing value, a word too many
 */
export function readWords(words: readonly string[], args: readonly Argument[]): Given {
  const given: Given = new Map()
  const positionals = args.filter((argument) => argument.isPositional)
  const waiting = [...words]
  let position = 0
  let isFlagsEnd = false
  const take = (argument: Argument, value: string | boolean): void => {
    given.set(argument.key, [...(given.get(argument.key) ?? []), value])
  }
  const takePlain = (word: string): void => {
    const argument = positionals[position]
    if (argument === undefined) throw tooMany(word, positionals.length)
    take(argument, word)
    if (!argument.isMany) position++
  }
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (isFlagsEnd || word === '-' || !word.startsWith('-')) takePlain(word)
    else if (word === '--') isFlagsEnd = true
    else {
      const { argument, value, isNegated } = readFlag(word, args, waiting)
      if (argument.kind !== 'switch') take(argument, value ?? nextValue(argument, waiting))
      else take(argument, readSwitch(argument, value) !== isNegated)
    }
  }
  return given
}

interface ReadFlag {
  argument: Argument
  value: string | undefined
  isNegated: boolean
}

function readFlag(word: string, args: readonly Argument[], waiting: string[]): ReadFlag {
  const flags = args.filter((argument) => !argument.isPositional)
  if (!word.startsWith('--')) return readShort(word, flags, waiting)
  const [, name = '', value] = /^(--[^=]*)(?:=(.*))?$/s.exec(word) ?? []
  const argument = flags.find((candidate) => candidate.name === name)
  if (argument !== undefined) return { argument, value, isNegated: false }
  const negated = flags.find(
    ({ kind, name: known }) => kind === 'switch' && name === `--no-${known.slice(2)}`,
  )
  if (negated !== undefined) return { argument: negated, value, isNegated: true }
  throw unknownFlag(name, flags)
}

/** `-f table`, `-ftable`, `-f=table`; switches may stand together: `-qh`. */
function readShort(word: string, flags: readonly Argument[], waiting: string[]): ReadFlag {
  const argument = flags.find(({ short }) => short === word[1])
  if (argument === undefined) throw unknownFlag(word.slice(0, 2), flags)
  const rest = word.slice(2)
  if (argument.kind !== 'switch')
    return { argument, value: rest === '' ? undefined : rest.replace(/^=/, ''), isNegated: false }
  if (rest.startsWith('=')) return { argument, value: rest.slice(1), isNegated: false }
  if (rest !== '') waiting.unshift(`-${rest}`)
  return { argument, value: undefined, isNegated: false }
}

function nextValue(argument: Argument, waiting: string[]): string {
  const [next] = waiting
  if (next === undefined || (/^-./s.test(next) && !/^-\d/.test(next)))
    throw new UsageError(`"${argument.name}" needs a value: ${argument.name} <${argument.value}>`)
  return waiting.shift() ?? ''
}

function readSwitch(argument: Argument, value: string | undefined): boolean {
  if (value === undefined || value === 'true') return true
  if (value === 'false') return false
  throw new UsageError(`"${argument.name}" is on or off and takes no value such as ${JSON.stringify(value)}`)
}

function unknownFlag(given: string, flags: readonly Argument[]): UsageError {
  const names = flags.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [`-${short}`])])
  const near = given.startsWith('--') ? nearestName(given, names) : undefined
  return new UsageError(
    `there is no flag ${JSON.stringify(given)}${near === undefined ? '; --help shows all' : `; did you mean "${near}"?`}`,
  )
}

function tooMany(word: string, most: number): UsageError {
  const allowed = most === 0 ? 'no words without a flag are' : `only ${most} ${most === 1 ? 'is' : 'are'}`
  return new UsageError(`${JSON.stringify(word)} is one word too many: ${allowed} taken; --help shows them`)
}
