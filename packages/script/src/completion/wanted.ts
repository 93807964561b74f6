import type { Argument } from '../arguments/argument.ts'
import type { Candidate, CandidateSource, CompletedKind } from '../arguments/argument-metadata.ts'
import type { OutlinedArgument } from '../catalogue/outlines.ts'

/** An argument of a loaded script, or of an outline. */
export type Completed = Argument | OutlinedArgument

/** The completions of a word: the known candidates, and the kind of names that have to be read. */
export interface Wanted {
  candidates: Candidate[]
  /** The kind of names to read; undefined if there are only the candidates. */
  kind: CompletedKind | CandidateSource | 'by-script' | undefined
  /** Whether names are written as `remote:name`. */
  isQualified: boolean
  /** The beginning of the word. */
  prefix: string
  /** The text before each word: `--remote=`. */
  before: string
}

/**
 * Finds what may complete the last word after a script's name.
 *
 * @param words the words after the name, the last one unfinished
 */
export function wantedOf(words: readonly string[], args: readonly Completed[]): Wanted {
  const current = words.at(-1) ?? ''
  const previous = words.slice(0, -1)
  const isFlagsEnd = previous.includes('--')
  const [, inline, value = ''] = /^(--[^=]+)=(.*)$/s.exec(current) ?? []
  if (inline !== undefined && !isFlagsEnd) return wantedValue(flagOf(inline, args), value, `${inline}=`)
  const pending = isFlagsEnd ? undefined : flagOf(previous.at(-1) ?? '', args)
  if (pending !== undefined && pending.kind !== 'switch') return wantedValue(pending, current, '')
  if (current.startsWith('-') && !isFlagsEnd)
    return { ...none, prefix: current, candidates: args.flatMap(flagsOf) }
  const positionals = args.filter((argument) => argument.isPositional)
  const position = countPlain(previous, args)
  return wantedValue(positionals[position] ?? positionals.filter(({ isMany }) => isMany).at(-1), current, '')
}

const none: Wanted = { candidates: [], kind: undefined, isQualified: false, prefix: '', before: '' }

function wantedValue(argument: Completed | undefined, prefix: string, before: string): Wanted {
  if (argument === undefined) return { ...none, prefix, before }
  const candidates = argument.choices.map((word) => ({ word, description: argument.description }))
  const { completes: kind, isPositional } = argument
  return {
    candidates,
    kind,
    isQualified: isPositional && typeof kind !== 'function' && kind !== 'by-script',
    prefix,
    before,
  }
}

/** A switch that is on by default is offered as `--no-…`. */
function flagsOf({ isPositional, kind, name, description, default: preset }: Completed): Candidate[] {
  const word = kind === 'switch' && preset === true ? `--no-${name.slice(2)}` : name
  return isPositional ? [] : [{ word, description }]
}

function flagOf(word: string, args: readonly Completed[]): Completed | undefined {
  return args.find(
    ({ isPositional, name, short }) => !isPositional && (name === word || `-${short}` === word),
  )
}

function countPlain(words: readonly string[], args: readonly Completed[]): number {
  let count = 0
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('-') || word === '-') count++
    else if ((flagOf(word, args)?.kind ?? 'switch') !== 'switch') index++
  }
  return count
}
