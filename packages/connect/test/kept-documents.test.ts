import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepDocuments } from '../src/registries/keep-documents.ts'

let cache = ''
let folder = ''
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'hk-cache-'))
  folder = join(cache, 'hyperkit/registries')
})
afterEach(() => rm(cache, { recursive: true, force: true }))

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const names = async (): Promise<string[]> => (await readdir(folder)).map((name) => name.slice(7, 8)).sort()
/** As if it had been used some days ago. */
const age = (letter: string, days: number): Promise<void> => {
  const then = new Date(Date.now() - days * 86_400_000)
  return utimes(join(folder, `sha256-${letter.repeat(64)}`), then, then)
}

test('documents that were not used for 90 days are removed, and a use keeps one', async () => {
  const first = keepDocuments({ XDG_CACHE_HOME: cache }, { keepsNothing: false })
  for (const letter of ['a', 'b', 'c']) await first?.write(digest(letter), '{}')
  await Promise.all([age('a', 91), age('b', 91), age('c', 89)])
  expect(await first?.read(digest('b'))).toBe('{}')
  const second = keepDocuments({ XDG_CACHE_HOME: cache }, { keepsNothing: false })
  await second?.write(digest('d'), '{}')
  expect(await names()).toEqual(['b', 'c', 'd'])
})

test('the documents together stay below a limit, without those that were not used for the longest time', async () => {
  const kept = keepDocuments({ XDG_CACHE_HOME: cache }, { keepsNothing: false, mostBytes: 10 })
  for (const letter of ['a', 'b', 'c']) await kept?.write(digest(letter), '1234')
  await Promise.all([age('b', 1), age('c', 2)])
  await kept?.write(digest('d'), '123456789')
  expect(await names()).toEqual(['d'])
})

test('where nothing is kept, a document is read and its time stays, so that nothing is written', async () => {
  await keepDocuments({ XDG_CACHE_HOME: cache }, { keepsNothing: false })?.write(digest('a'), '{}')
  await age('a', 91)
  const dry = keepDocuments({ XDG_CACHE_HOME: cache }, { keepsNothing: true })
  expect(await dry?.read(digest('a'))).toBe('{}')
  await dry?.write(digest('b'), '{}')
  expect(await names()).toEqual(['a'])
  await keepDocuments({ XDG_CACHE_HOME: cache }, { keepsNothing: false })?.write(digest('c'), '{}')
  expect(await names()).toEqual(['c'])
})
