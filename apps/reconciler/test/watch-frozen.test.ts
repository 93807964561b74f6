import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'
import { startWatch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-watch-frozen-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('a frozen watch brings new content only after the lock file changed', async () => {
  const server = await openEmbedded(cwd, { dialect: 'incus' })
  const file = join(cwd, 'img.tar.gz')
  const target = async (): Promise<string> => (await server.client.aliases.get('img')).target
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: me\nservers: { it: ${server.yaml} }\nimages: [{ name: img, source: { file: img.tar.gz } }]\n`,
  )
  makeImage(file, 'one')
  const one = (await fingerprintOf(file)).fingerprint
  expect(await runCommand(['update'], { cwd })).toMatchObject({ code: 0 })
  const watch = await startWatch(['--frozen', '--yes'], { cwd })
  expect(await target()).toBe(one)

  makeImage(file, 'two')
  const two = (await fingerprintOf(file)).fingerprint
  await watch.shows(`is ${two.slice(0, 12)} now, but was locked as ${one.slice(0, 12)}`)
  expect(await target()).toBe(one)
  expect(await runCommand(['update'], { cwd })).toMatchObject({ code: 0 })
  await watch.until(async () => (await target()) === two)
  expect(await watch.end('SIGTERM')).toMatchObject({ code: 143 })
  await server.close()
})
