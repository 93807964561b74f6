import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openGuest } from './open-guest.ts'
import { openEmbedded } from './open-server.ts'
import { applyOf } from './plan-and-apply.ts'
import { startWatch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-restricted-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test.for(['lxd', 'lxd-6.9', 'incus', 'incus-7.0'] as const)(
  'a client that may not listen to all projects watches its own project on %s',
  async (dialect) => {
    const server = await openEmbedded(cwd, { dialect })
    onTestFinished(() => server.close())
    const file = join(cwd, `${dialect}.tar.gz`)
    makeImage(file, dialect)
    const { fingerprint } = await fingerprintOf(file)
    const manifest = join(cwd, `${dialect}.yaml`)
    const guest = await openGuest(cwd, server, ['default'])
    writeFileSync(
      manifest,
      `version: 1\nname: guests\nservers: { it: ${guest.yaml} }\nimages: [{ name: web, source: { file: ${file} } }]\n`,
    )
    // After this the watch has nothing to change, and so causes no events.
    expect((await applyOf(manifest)).servers).toMatchObject([{ status: 'done' }])
    const { until, sum, end } = await startWatch(['--yes', manifest], { cwd })
    await server.client.images.delete(fingerprint)
    await until(async () => (await server.client.aliases.find('web'))?.target === fingerprint)
    expect(await sum('hyperkit_run_reasons_total', '"event"')).toBeGreaterThan(0)
    expect((await end('SIGTERM')).code).toBe(143)
  },
)
