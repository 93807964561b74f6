import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openGuest, openIdentity } from './open-guest.ts'
import { openEmbedded } from './open-server.ts'
import { planOf } from './plan-and-apply.ts'
import { type Ended, runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-view-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const run = (...args: string[]): Promise<Ended> => runCommand(args, { cwd })

test.each(['lxd', 'incus'] as const)(
  'a server of kind %s that does not show all images counts as unread and stays unchanged; the others go on',
  async (dialect) => {
    const [seen, hidden] = [await openEmbedded(cwd, { dialect }), await openEmbedded(cwd, { dialect })]
    onTestFinished(async () => {
      await Promise.all([seen.close(), hidden.close()])
    })
    await hidden.client.request({
      method: 'POST',
      path: '/1.0/projects',
      json: { name: 'elsewhere', config: { 'features.images': 'true' } },
    })
    const guest = await openGuest(cwd, hidden, ['elsewhere'])
    const stranger = await openGuest(cwd, hidden)
    makeImage(join(cwd, 'web.tar.gz'), `web ${dialect}`)
    const { fingerprint } = await fingerprintOf(join(cwd, 'web.tar.gz'))
    const reasons = {
      [guest.yaml]:
        'this client may not use project "default", if that exists: it is restricted to other projects',
      [stranger.yaml]: `the server does not trust this client: its certificate ${stranger.fingerprint.slice(0, 12)} is not in its trust store`,
    }
    for (const [yaml, reason] of Object.entries(reasons)) {
      writeFileSync(
        join(cwd, 'images.yaml'),
        `version: 1
name: reduced
servers: { seen: ${seen.yaml}, hidden: ${yaml} }
images: [{ name: web, source: { file: web.tar.gz }, servers: [hidden, seen] }]
`,
      )
      const planned = JSON.parse((await run('plan', '--json')).stdout)
      expect(planned.servers.find(({ name }: { name: string }) => name === 'hidden')).toEqual({
        status: 'unread',
        name: 'hidden',
        error: { code: 'not-authorized', message: expect.stringContaining(reason) },
      })
      const applied = await run('apply', '--yes')
      expect(applied.code).toBe(1)
      expect(applied.stdout + applied.stderr).toContain(reason)
      expect((await seen.client.aliases.get('web')).target).toBe(fingerprint)
      expect(await hidden.client.images.fingerprints()).toEqual([])
      for (const command of [['history'], ['rollback', 'web', '--yes']]) {
        const ended = await run(...command)
        expect([command, ended.code]).toEqual([command, 1])
        expect(ended.stdout + ended.stderr).toContain(reason)
      }
      await seen.client.images.delete(fingerprint)
    }
    // With the right certificate the same manifest works.
    const text = readFileSync(join(cwd, 'images.yaml'), 'utf8')
    writeFileSync(join(cwd, 'images.yaml'), text.replace(stranger.yaml, hidden.yaml))
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
    expect((await hidden.client.aliases.get('web')).target).toBe(fingerprint)
  },
)

test('an instance that an identity may not view is not reported as missing, and nothing is published', async () => {
  const server = await openEmbedded(cwd, { dialect: 'lxd-6.9', instances: [{ name: 'web1' }] })
  onTestFinished(() => server.close())
  const managers = ['can_view', 'image_manager', 'image_alias_manager']
  const may = (...entitlements: string[]) =>
    openIdentity(
      cwd,
      server,
      entitlements.map((one) => [one, 'default']),
    )
  const manifest = join(cwd, 'instance.yaml')
  const write = (yaml: string): void =>
    writeFileSync(
      manifest,
      `version: 1\nname: n\nservers: { it: ${yaml} }\nimages: [{ name: web, source: { instance: web1 } }]\n`,
    )
  write((await may(...managers)).yaml)
  const message = expect.stringContaining(
    'but it may exist and be hidden from this client: this client lacks the entitlement "can_view_instances" on project "default"',
  )
  expect(await planOf(manifest)).toMatchObject({
    servers: [{ changes: [], problems: [{ image: 'web', error: { code: 'not-authorized', message } }] }],
  })
  write((await may(...managers, 'can_view_instances')).yaml)
  expect(await planOf(manifest)).toMatchObject({ servers: [{ changes: [{ action: 'publish-image' }, {}] }] })
})
