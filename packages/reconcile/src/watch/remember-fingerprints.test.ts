import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { ImageFiles } from '../documents/plan.ts'
import { readFileState } from './read-file-state.ts'
import { rememberFingerprints } from './remember-fingerprints.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-remember-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'image')
const files: ImageFiles = { kind: 'unified', file }
let reads: number
let meanwhile: () => void
let settled: string | undefined
let stale: (string | undefined)[]
let remember: ReturnType<typeof rememberFingerprints>
beforeEach(() => {
  writeFileSync(file, 'one')
  reads = 0
  meanwhile = () => {}
  settled = undefined
  stale = []
  remember = rememberFingerprints({
    async read() {
      reads += 1
      meanwhile()
      return { fingerprint: `read ${reads}`, size: 3 }
    },
    settled: () => settled,
    onStale: (_, why) => stale.push(why),
  })
})
const replace = (text: string): void => {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

test('a file is read once while it is unchanged, and again after a change', async () => {
  for (let time = 0; time < 3; time++) expect((await remember(files)).fingerprint).toBe('read 1')
  replace('two')
  expect((await remember(files)).fingerprint).toBe('read 2')
})

test('a missing file keeps its last fingerprint, which is reported', async () => {
  await remember(files)
  rmSync(file)
  expect((await remember(files)).fingerprint).toBe('read 1')
  expect(stale).toEqual([undefined, 'it does not exist'])
})

test('a file that is being written keeps its last fingerprint until it settles', async () => {
  settled = await readFileState(file)
  await remember(files)
  replace('half')
  expect((await remember(files)).fingerprint).toBe('read 1')
  expect(stale.at(-1)).toBe('it is being written')
  settled = await readFileState(file)
  expect((await remember(files)).fingerprint).toBe('read 2')
})

test('a fingerprint of a file that changed while it was read is not used; for a new file it is an error', async () => {
  meanwhile = () => replace(`another ${reads}`)
  await expect(remember(files)).rejects.toMatchObject({ code: 'file-unreadable' })
  meanwhile = () => {}
  expect((await remember(files)).fingerprint).toBe('read 2')
  replace('more')
  meanwhile = () => replace(`another ${reads}`)
  expect((await remember(files)).fingerprint).toBe('read 2')
})
