import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { replay } from '@hyperkit/embedded'
import { fingerprintOf } from '@hyperkit/files'
import { expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

test('a run with HYPERKIT_RECORD records all requests and answers, and they can be played back', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-recorded-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const server = await openEmbedded(cwd, { dialect: 'incus' })
  onTestFinished(() => server.close())
  const path = join(cwd, 'noble.tar.gz')
  makeImage(path, 'noble')
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: taped\nservers: { a: ${server.yaml} }\nimages: [{ name: noble, source: { file: ${JSON.stringify(path)} } }]\n`,
  )
  const tapes = join(cwd, 'tapes')
  const { code, stderr } = await runCommand(['apply', '--yes'], {
    cwd,
    environment: { HYPERKIT_RECORD: tapes },
  })
  expect([code, stderr]).toEqual([0, expect.any(String)])

  const { fingerprint } = await fingerprintOf(path)
  const again = createClient({ transport: await replay(tapes) })
  expect((await again.server()).dialect.kind).toBe('incus')
  // Only Node's libuv sorts what a folder contains.
  const names = readdirSync(tapes).sort()
  const posts = names.filter((name) => name.endsWith('-POST-images.json'))
  // The first asks for a token, whose properties the image has at once.
  expect(posts.map((name) => JSON.parse(readFileSync(join(tapes, name), 'utf8')))).toMatchObject([
    { request: { path: '/1.0/images', body: { json: { source: { fingerprint } } } } },
    { request: { path: '/1.0/images', body: { sha256: fingerprint } }, answer: { status: 202 } },
  ])
  for (const name of names) expect(readFileSync(join(tapes, name), 'utf8')).not.toContain('PRIVATE KEY')
})
