import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFingerprinter } from './fingerprint-files.ts'

test('hashing a file that takes long is reported with its share', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyperkit-hashing-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'large.tar')
  writeFileSync(file, 'x')
  truncateSync(file, 16 * 1024 * 1024)
  const notes: string[] = []
  const hash = createFingerprinter({ note: async (sentence) => void notes.push(sentence), after: 0 })
  expect(await hash({ kind: 'unified', file })).toMatchObject({ size: 16 * 1024 * 1024 })
  expect(notes).toEqual([expect.stringMatching(/^Hashing ".*large\.tar": \d+ % of 16(\.\d)? ?M/)])
})
