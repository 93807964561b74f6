import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openUploadNotes } from './upload-notes.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-notes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const note = (digit: string) => ({ fingerprint: digit.repeat(64), marks: { 'hyperkit.manifest': 'me' } })

test('a note of an upload is there for the same manifest and place until the upload ends, or for 90 days', async () => {
  const notes = openUploadNotes('me', folder)
  await notes.begin('prod', note('a'))
  await notes.begin('prod', note('b'))
  await notes.end('prod', note('b').fingerprint)
  expect(await notes.left('prod')).toEqual([note('a')])
  expect(await notes.left('edge')).toEqual([])
  expect(await openUploadNotes('other', folder).left('prod')).toEqual([])
  const [name = ''] = readdirSync(folder)
  utimesSync(join(folder, name), new Date(), new Date(Date.now() - 91 * 86_400_000))
  expect(await notes.left('prod')).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('a note that was cut while it was written is none, and a folder that cannot be made is no error', async () => {
  const notes = openUploadNotes('me', folder)
  await notes.begin('prod', note('c'))
  const [name = ''] = readdirSync(folder)
  writeFileSync(join(folder, name), '{"fingerprint":"cc')
  expect(await notes.left('prod')).toEqual([])
  const nowhere = openUploadNotes('me', join(folder, name, 'below'))
  await nowhere.begin('prod', note('d'))
  expect(await nowhere.left('prod')).toEqual([])
})
