import { randomUUID } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded, openOver, startLikeReal } from './open-server.ts'
import { startWatch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-fleet-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const targets = (['embedded', 'real'] as const).flatMap((kind) =>
  (['lxd', 'incus'] as const).map((dialect) => [kind, dialect] as const),
)

describe.each(targets)('a watch of %s %s and of a server that is down', (kind, dialect) => {
  test('a watch survives the death of a server in the middle of a run, and checks it again when it is back', async (context) => {
    const own = kind === 'real' ? await startLikeReal(dialect) : undefined
    if (kind === 'real' && own === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    const server = own ? await openOver(cwd, own) : await openEmbedded(cwd, { dialect })
    const restart = own ? () => own.restart('SIGKILL') : server.restart
    const id = `f${randomUUID().slice(0, 8)}`
    const file = join(cwd, `${id}.tar.gz`)
    const make = async (content: string): Promise<string> => {
      makeImage(`${file}.new`, `${id} ${content}`)
      renameSync(`${file}.new`, file)
      return (await fingerprintOf(file)).fingerprint
    }
    const targetOf = async () => (await server.client.aliases.find(id).catch(() => undefined))?.target
    const first = await make('one')
    writeFileSync(
      join(cwd, `${id}.yaml`),
      `version: 1\nname: ${id}\nservers: { it: ${server.yaml}, down: { url: "https://127.0.0.1:1" } }\n` +
        `images: [{ name: ${id}, source: { file: ${file} } }]\n`,
    )
    const watch = await startWatch(['--yes', `${id}.yaml`], { cwd })
    try {
      expect(await targetOf()).toBe(first)
      expect(await watch.metric('hyperkit_connected{server="it"}')).toBe(1)
      expect(await watch.metric('hyperkit_connected{server="down"}')).toBe(0)
      expect(await watch.metric('hyperkit_server_failures_total{server="it"}')).toBe(0)
      expect(await watch.get('/readyz')).toMatchObject({
        status: 503,
        text: expect.stringMatching(/^it: ok\ndown: Cannot /),
      })

      const second = await make('two')
      await watch.until(async () => (await watch.metric('hyperkit_run_in_progress')) === 1)
      await restart?.()
      await watch.until(async () => (await targetOf()) === second)
      await watch.until(
        async () => ((await watch.metric('hyperkit_connections_total{server="it"}')) ?? 0) >= 2,
      )
      await watch.until(async () => (await watch.sum('hyperkit_run_reasons_total', '"connected"')) >= 1)
      await watch.until(async () => (await watch.get('/readyz')).text.startsWith('it: ok\n'))

      await server.client.aliases.update(id, { target: first })
      await watch.until(async () => (await targetOf()) === second)
      const { code, stderr } = await watch.end('SIGTERM')
      expect([code, stderr]).toEqual([143, expect.stringContaining('down: connection lost: Cannot ')])
    } finally {
      await server.close()
      await own?.stop()
    }
  })
})

test('an image from another server of the manifest follows the events of that server', async () => {
  const [from, to] = [
    await openEmbedded(cwd, { dialect: 'lxd' }),
    await openEmbedded(cwd, { dialect: 'lxd' }),
  ]
  const upload = async (content: string): Promise<string> => {
    makeImage(join(cwd, 'source.tar.gz'), content)
    return (await uploadImage(from.client, join(cwd, 'source.tar.gz'))).fingerprint
  }
  await from.client.aliases.create('base', { target: await upload('one') })
  writeFileSync(
    join(cwd, 'mirror.yaml'),
    `version: 1\nname: mirror\nservers: { from: ${from.yaml}, to: ${to.yaml} }\n` +
      'images: [{ name: mirror/base, source: { server: from, alias: base }, servers: [to] }]\n',
  )
  const watch = await startWatch(['--yes', 'mirror.yaml'], { cwd })
  expect(await watch.get('/readyz')).toEqual(
    expect.objectContaining({ status: 200, text: 'from: ok\nto: ok\n' }),
  )
  const second = await upload('two')
  await from.client.aliases.update('base', { target: second })
  await watch.until(async () => (await to.client.aliases.get('mirror/base')).target === second)
  await watch.end('SIGTERM')
  await from.close()
  await to.close()
})
