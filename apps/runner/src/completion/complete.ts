import { describeArguments, globalArguments } from '@hyperkit/script'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { readNames } from '../catalogue/synonyms.ts'
import { takeGlobalFlags } from '../take-global-flags.ts'
import { askNames } from './ask-names.ts'
import { type Candidate, type Wanted, wantedOf } from './wanted.ts'

const shells = 'bash zsh fish'.split(' ')

/**
 * What a shell is to offer: a line for each word, with a tab before its description; or `:files`, for it to find them.
 *
 * @param words what stands behind `hyperkit`, the last one unfinished
 */
export async function complete(words: readonly string[], catalogue: Catalogue): Promise<string> {
  const wanted = await find(words, catalogue)
  if (wanted.kind === 'file' || wanted.kind === 'directory')
    return `:${wanted.kind === 'file' ? 'files' : 'directories'}\n`
  const asked = { remote: valueBefore(words, '--remote'), project: valueBefore(words, '--project') }
  const candidates = [...wanted.candidates, ...(await askNames(wanted, asked))]
  const lines = candidates
    .filter(({ word }) => word.startsWith(wanted.prefix) && isPlain(word))
    .map(({ word, description }) => `${wanted.before}${word}\t${firstLine(description)}\n`)
  return [...new Set(lines)].join('')
}

async function find(words: readonly string[], catalogue: Catalogue): Promise<Wanted> {
  const prefix = words.at(-1) ?? ''
  const { flags, rest } = takeGlobalFlags(words.slice(0, -1))
  const known = (candidates: Candidate[]): Wanted => ({
    ...{ candidates, prefix, kind: undefined, isQualified: false, before: '' },
  })
  if (rest.length === 0) {
    // The value of a flag that stands before the script's name, or the name.
    const ofFlag = flags.length > 0 ? wantedOf([...flags, prefix], globalArguments) : undefined
    if (prefix.startsWith('-') || (ofFlag !== undefined && ofFlag.kind !== undefined))
      return wantedOf([...flags, prefix], globalArguments)
    return { ...known(await scriptWords(catalogue, '')), kind: /[/.]/.test(prefix) ? 'file' : undefined }
  }
  if (rest[0] === 'completion') return known(shells.map((word) => ({ word, description: '' })))
  if (rest[0] === 'init') return known([])
  if (rest.length === 1 && !prefix.startsWith('-')) {
    const second = await scriptWords(catalogue, rest[0] === 'image' ? '' : `${rest[0]}-`)
    if (second.length > 0) return known(second)
  }
  for (const { name, rest: behind } of readNames(rest)) {
    const script = await catalogue.load(name).catch(() => undefined)
    if (script !== undefined)
      return wantedOf([...behind, prefix], [...describeArguments(script.args), ...globalArguments])
  }
  return known([])
}

/** The names, or of those that begin so what follows. */
async function scriptWords(catalogue: Catalogue, beginning: string): Promise<Candidate[]> {
  const names = (await catalogue.names()).filter((name) => name.startsWith(beginning))
  const scripts = await Promise.all(names.map((name) => catalogue.load(name).catch(() => undefined)))
  const words = names.map((name, index) => ({
    word: name.slice(beginning.length),
    description: scripts[index]?.description ?? '',
  }))
  const more = [
    { word: 'init', description: 'Write a script' },
    { word: 'completion', description: 'Print what a shell needs to complete command lines' },
  ]
  return beginning === '' ? [...words, ...more] : words
}

function valueBefore(words: readonly string[], flag: string): string | undefined {
  const at = words.lastIndexOf(flag, words.length - 2)
  return at === -1 ? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : words[at + 1]
}

/** Nothing that a shell would take for something else: names come from servers. */
function isPlain(word: string): boolean {
  return /^[\p{L}\p{N}._/:@+,=-]+$/u.test(word)
}

function firstLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}].*$/su, '').trim()
}
