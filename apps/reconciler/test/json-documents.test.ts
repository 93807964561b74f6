import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as documents from '@hyperkit/reconcile/documents'
import { parseYaml } from '@hyperkit/script'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-documents-'))
let server: OpenServer
beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'incus' })
  makeImage(join(cwd, 'a.tar.gz'), 'one')
  const image = 'images:\n  - { name: a, source: { file: a.tar.gz } }\n'
  writeFileSync(join(cwd, 'good.yaml'), `version: 1\nname: me\nservers: { it: ${server.yaml} }\n${image}`)
  // Nothing listens on port 1.
  writeFileSync(
    join(cwd, 'bad.yaml'),
    `version: 1\nname: me\nservers:\n  it: { url: 'https://127.0.0.1:1' }\n${image}`,
  )
  writeFileSync(join(cwd, 'typo.yaml'), 'version: 1\nname: me\nserver: {}\n')
})
afterAll(async () => {
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

const run = async (...args: string[]) => {
  const { code, stdout } = await runCommand([...args, '--json'], { cwd })
  return { code, document: JSON.parse(stdout) as unknown }
}

test.each([
  ['plan', documents.planDocumentSchema, ['plan', 'good.yaml'], ['plan', 'bad.yaml']],
  ['apply', documents.applyDocumentSchema, ['apply', '--yes', 'good.yaml'], ['apply', '--yes', 'bad.yaml']],
  ['history', documents.historyDocumentSchema, ['history', '-f', 'good.yaml'], ['history', '-f', 'bad.yaml']],
  ['validate', documents.validationSchema, ['validate', 'good.yaml'], ['validate', 'typo.yaml']],
] as const)(
  'the document of %s matches its schema, even if the command fails',
  async (_, schema, good, bad) => {
    const done = await run(...good)
    expect([done.code, v.safeParse(schema, done.document).issues]).toEqual([0, undefined])
    expect(done.document).not.toHaveProperty('error')
    const failed = await run(...bad)
    expect([failed.code, v.safeParse(schema, failed.document).issues]).toEqual([1, undefined])
    expect(failed.document).toHaveProperty('error.code')
  },
)

test('the document of update and the lock file match their schemas', async () => {
  const { code, document } = await run('update', 'good.yaml')
  expect([code, v.safeParse(documents.updateSchema, document).issues]).toEqual([0, undefined])
  const lock: unknown = await parseYaml(readFileSync(join(cwd, 'good.lock.yaml'), 'utf8'), 'the lock file')
  expect(v.safeParse(documents.lockfileSchema, lock).issues).toBe(undefined)
})

test('a command that fails before it has a result prints an error document', async () => {
  const { code, document } = await run('plan', 'typo.yaml')
  expect([code, v.safeParse(documents.errorDocumentSchema, document).issues]).toEqual([1, undefined])
})
