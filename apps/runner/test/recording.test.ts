import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbedded, writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

test('a script records its requests if HYPERKIT_RECORD names a folder', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-recorded-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const server = await openEmbedded({ dialect: 'incus' })
  onTestFinished(() => server.close())
  const { environment } = writeRemotes(cwd, { prod: server })
  const tapes = join(cwd, 'tapes')
  const { code, stderr } = await runHyperkit(['list', 'prod:'], {
    cwd,
    environment: { ...environment, HYPERKIT_RECORD: tapes },
  })
  expect([code, stderr]).toEqual([0, ''])
  const texts = readdirSync(tapes).map((name) => readFileSync(join(tapes, name), 'utf8'))
  expect(texts.map((text) => JSON.parse(text).request.path)).toContainEqual(
    expect.stringMatching(/^\/1\.0\/images\?/),
  )
  for (const text of texts) expect(text).not.toContain('PRIVATE KEY')
})
