import type { Candidate } from '../arguments/argument-metadata.ts'
import { readWords } from '../arguments/read-words.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { commonWords, type Program } from '../catalogue/program.ts'
import { readNames } from '../catalogue/read-names.ts'
import { takeGlobalFlags } from '../catalogue/take-global-flags.ts'
import { shells } from './render-completion.ts'
import { type Completed, type Wanted, wantedOf } from './wanted.ts'

/**
 * Returns the completions for a shell: a line for each word with a tab before its description, or `:files` if the shell should list
 * files.
 *
 * @param words the words after the program's name, the last one unfinished
 */
export async function complete(
  words: readonly string[],
  program: Program,
  catalogue: Catalogue,
  flags: readonly Completed[],
): Promise<string> {
  const { wanted, args, behind } = await find(words, program, catalogue, flags)
  if (wanted.kind === 'file' || wanted.kind === 'directory')
    return `:${wanted.kind === 'file' ? 'files' : 'directories'}\n`
  const { kind } = wanted
  const asked = { remote: valueBefore(words, '--remote'), project: valueBefore(words, '--project') }
  const valuesOf = (key: string): string[] => readValues(behind, args, key)
  // Most words need no server, and then nothing that reaches one is loaded.
  const names =
    kind === undefined || kind === 'by-script'
      ? []
      : await (await import('./ask-names.ts')).askNames({ ...wanted, kind }, asked, valuesOf)
  const candidates = [...wanted.candidates, ...names]
  const lines = candidates
    .filter(({ word }) => word.startsWith(wanted.prefix) && isPlain(word))
    .map(({ word, description }) => `${wanted.before}${word}\t${firstLine(description)}\n`)
  return [...new Set(lines)].join('')
}

interface Found {
  wanted: Wanted
  /** The arguments of the command that is being completed. */
  args: readonly Completed[]
  /** The finished words after the command's name. */
  behind: readonly string[]
}

async function find(
  words: readonly string[],
  program: Program,
  catalogue: Catalogue,
  every: readonly Completed[],
): Promise<Found> {
  const prefix = words.at(-1) ?? ''
  const { flags, rest } = takeGlobalFlags(words.slice(0, -1), every)
  const none = { args: [], behind: [] }
  const known = (candidates: Candidate[], kind?: Wanted['kind']): Found => ({
    wanted: { candidates, prefix, kind, isQualified: false, before: '' },
    ...none,
  })
  const [first] = rest
  if (first === undefined) {
    // The word is the script's name, or the value of a flag before it.
    const ofFlag = flags.length > 0 ? wantedOf([...flags, prefix], every) : undefined
    if (prefix.startsWith('-') || (ofFlag !== undefined && ofFlag.kind !== undefined))
      return { wanted: wantedOf([...flags, prefix], every), ...none }
    const isPath = program.find !== undefined && /[/.]/.test(prefix)
    return known(await scriptWords(catalogue, '', program), isPath ? 'file' : undefined)
  }
  if (first === 'completion') return known(shells.map((word) => ({ word, description: '' })))
  if (first === 'help') return known(await scriptWords(catalogue, ''))
  if (Object.hasOwn(program.words ?? {}, first)) return known([])
  const names = await catalogue.names()
  if (rest.length === 1 && !prefix.startsWith('-') && !names.includes(first)) {
    const second = await scriptWords(catalogue, first === 'image' ? '' : `${first}-`)
    if (second.length > 0) return known(second)
  }
  for (const { name, rest: behind } of readNames(rest)) {
    const outlined = (await program.outlines?.of(name))?.args
    const found = outlined && wantedOf([...behind, prefix], outlined)
    if (found !== undefined && found.kind !== 'by-script')
      return { wanted: found, args: outlined ?? [], behind }
    // A script of the user is not loaded, since that runs it: nobody has asked for that yet.
    const args = await argumentsOf(name, program)
    if (args === undefined && names.includes(name)) return known([], 'file')
    if (args === undefined) continue
    return { wanted: wantedOf([...behind, prefix], args), args, behind }
  }
  return known([])
}

/** The arguments of a script of the program itself, which is loaded for them. */
async function argumentsOf(name: string, program: Program): Promise<Completed[] | undefined> {
  const script = await program.builtIn.load(name).catch(() => undefined)
  if (script === undefined) return undefined
  const [{ describeArguments }, { acceptedFlags }] = await Promise.all([
    import('../arguments/describe-arguments.ts'),
    import('../catalogue/outline-script.ts'),
  ])
  return [...describeArguments(script.args), ...acceptedFlags(script)]
}

/** All names, or what follows this beginning in those that have it. */
async function scriptWords(catalogue: Catalogue, beginning: string, program?: Program): Promise<Candidate[]> {
  const names = (await catalogue.names()).filter((name) => name.startsWith(beginning))
  const words = await Promise.all(
    names.map(async (name) => ({
      word: name.slice(beginning.length),
      description: (await catalogue.describe(name).catch(() => '')) ?? '',
    })),
  )
  if (program === undefined) return words
  const own = Object.entries(program.words ?? {}).filter(([, { isHidden }]) => isHidden !== true)
  return [
    ...words,
    ...own.map(([word, { description }]) => ({ word, description })),
    ...Object.entries(commonWords).map(([word, description]) => ({ word, description })),
  ]
}

/** The values of an argument on an unfinished command line; empty if the line cannot be read. */
function readValues(words: readonly string[], args: readonly Completed[], key: string): string[] {
  try {
    return (readWords(words, args).get(key) ?? []).map(String)
  } catch {
    return []
  }
}

function valueBefore(words: readonly string[], flag: string): string | undefined {
  const at = words.lastIndexOf(flag, words.length - 2)
  return at === -1 ? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : words[at + 1]
}

/** Excludes words that a shell would interpret: names come from servers. */
function isPlain(word: string): boolean {
  return /^[\p{L}\p{N}._/:@+,=-]+$/u.test(word)
}

function firstLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}].*$/su, '').trim()
}
