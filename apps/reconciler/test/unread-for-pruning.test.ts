import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeWithoutAnswer, type ImageServerOptions } from '@hyperkit/embedded'
import { afterAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-unread-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** The requests of pruning, which come after all others. */
const lastReads = ['/1.0/instances', '/1.0/images']

describe.each(['lxd', 'incus'] as const)('an embedded %s that falls silent', (dialect) => {
  test.each(lastReads)(
    'a server that falls silent when pruning reads %s counts as unread: exit 1',
    async (path) => {
      let isSilent = false
      const faults: ImageServerOptions['faults'] = (request, answer) =>
        isSilent && request.method === 'GET' && new URL(request.url).pathname === path
          ? closeWithoutAnswer()
          : answer()
      const server = await openEmbedded(cwd, { dialect, faults })
      try {
        const manifest = join(cwd, 'images.yaml')
        writeFileSync(
          manifest,
          `version: 1\nname: unread\nservers: { it: ${server.yaml} }\nimages: [{ name: unread, source: { file: img.tar.gz }, keep: 1 }]\nprune: {}\n`,
        )
        for (const version of ['1', '2']) {
          makeImage(join(cwd, `${version}.tar.gz`), `${dialect} ${version}`)
          copyFileSync(join(cwd, `${version}.tar.gz`), join(cwd, 'img.tar.gz'))
          isSilent = version === '2'
          const { code, stdout } = await runCommand(['apply', '--yes', '--json'], { cwd })
          if (version === '1') expect(code).toBe(0)
          else {
            expect(code).toBe(1)
            expect(JSON.parse(stdout).servers).toMatchObject([{ name: 'it', status: 'unread' }])
          }
        }
        isSilent = false
        const again = await runCommand(['apply', '--yes'], { cwd })
        expect(again.code).toBe(0)
        expect(await server.client.images.list()).toHaveLength(1)
      } finally {
        await server.close()
      }
    },
  )
})

test('a saved plan with pruning is refused while what is in use cannot be read, and the error says why', async () => {
  let isRefused = false
  const error = 'member is down'
  const server = await openEmbedded(cwd, {
    dialect: 'incus',
    faults: (request, answer) =>
      isRefused && new URL(request.url).pathname === '/1.0/instances'
        ? Response.json({ type: 'error', error, error_code: 500 }, { status: 500 })
        : answer(),
  })
  try {
    writeFileSync(
      join(cwd, 'images.yaml'),
      `version: 1\nname: saved\nservers: { it: ${server.yaml} }\nimages: [{ name: saved, source: { file: img.tar.gz }, keep: 1 }]\nprune: {}\n`,
    )
    makeImage(join(cwd, 'img.tar.gz'), 'first')
    expect((await runCommand(['apply', '--yes'], { cwd })).code).toBe(0)
    makeImage(join(cwd, 'img.tar.gz'), 'second')
    await runCommand(['plan', '--out', 'plan.json'], { cwd })
    isRefused = true
    const refused = await runCommand(['apply', 'plan.json', '--yes'], { cwd })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      new RegExp(
        ` {2}it: what may be pruned was known when the plan was made, and is unknown \\(.*${error}.*\\) now\n`,
      ),
    )
    isRefused = false
    expect((await runCommand(['apply', 'plan.json', '--yes'], { cwd })).code).toBe(0)
    expect(await server.client.images.list()).toHaveLength(1)
  } finally {
    await server.close()
  }
})
