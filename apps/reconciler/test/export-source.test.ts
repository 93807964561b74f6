import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { serveStreams } from './serve-streams.ts'
import { sourceTargets } from './source-targets.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-export-source-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const targets = sourceTargets(cwd, [
  ['lxd', 'lxd'],
  ['incus', 'incus'],
])

describe.each(targets)('an image with a source, target and source being %s', (name, open) => {
  const protocol = name.endsWith('lxd') ? 'lxd' : 'incus'
  let [target, source] = [] as unknown as [OpenServer, OpenServer]
  let id = ''
  const made = new Set<string>()

  beforeAll(async () => {
    if (open !== undefined) ({ target, source } = await open())
  })
  afterAll(async () => {
    for (const each of [target, source]) {
      for (const fingerprint of made)
        if (await each?.client.images.find(fingerprint)) await each.client.images.delete(fingerprint)
      await each?.close()
    }
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
    id = `e${randomUUID().slice(0, 8)}`
  })
  const run = (...args: string[]) => runCommand(args, { cwd })

  test('an image that is updated from a source is exported with it, and a plan has no changes until the source moves on', async () => {
    const publish = async (content: string): Promise<string> => {
      makeImage(join(cwd, 'up.tar.gz'), `${id} ${content}`)
      const { fingerprint } = await uploadImage(source.client, join(cwd, 'up.tar.gz'), { public: true })
      await source.client.aliases.set(`${id}/up`, { target: fingerprint })
      made.add(fingerprint)
      return fingerprint
    }
    const one = await publish('one')
    const certificate = readFileSync(source.certificateFile, 'utf8')
    await target.client.images.createFromRemote(source.url, {
      protocol,
      alias: `${id}/up`,
      certificate,
      autoUpdate: true,
    })
    await target.client.aliases.create(id, { target: one })
    writeFileSync(
      join(cwd, 'fleet.yaml'),
      `version: 1\nname: fleet\nservers: { it: ${target.yaml} }\nimages: []\n`,
    )
    expect(await run('export', id, '-f', 'fleet.yaml', '--out', 'live.yaml', '--force')).toMatchObject({
      code: 0,
    })
    const text = readFileSync(join(cwd, 'live.yaml'), 'utf8')
    expect(text).toMatch(
      new RegExp(
        `    source: \\{ remote: ${source.url}, protocol: ${protocol}, alias: ${id}/up, serverCertificate: certificates/\\w{12}.crt \\}\n    autoUpdate: true\n$`,
      ),
    )
    expect(await run('plan', 'live.yaml', '--detailed-exitcode')).toMatchObject({
      code: 0,
      stdout: 'No changes. 1 image on 1 server is as "live.yaml" says.\n',
    })
    // On stdout there is no folder for the source's certificate, so the image is identified by its fingerprint.
    expect((await run('export', id, '-f', 'fleet.yaml')).stdout).toContain('source: { fingerprint:')

    await publish('two')
    expect(await run('plan', 'live.yaml', '--detailed-exitcode')).toMatchObject({ code: 2 })
  })
})

describe.each(sourceTargets(cwd, [['lxd', 'incus']]))(
  'a simplestreams image on two servers, %s',
  (_, open) => {
    test('an image of simplestreams on two servers is exported as one entry, and a plan has no changes on either', async (context) => {
      if (open === undefined) return context.skip('HYPERKIT_SERVERS names no such servers')
      const { target, source } = await open()
      const id = `s${randomUUID().slice(0, 8)}`
      const files = ['lxd', 'incus'].map((dialect) => join(cwd, `${id}-${dialect}.tar.gz`))
      for (const file of files) makeImage(file, file)
      const [file = '', incusFile = ''] = files
      const web = await serveStreams(() => [{ version: '20260101_00:00', file, incusFile }])
      const head = `version: 1\nname: ${id}\nservers:\n  one: ${target.yaml}\n  two: ${source.yaml}\n`
      writeFileSync(
        join(cwd, 'streams.yaml'),
        `${head}images:\n  - { name: ${id}, source: { remote: "${web.url}", protocol: simplestreams, alias: alpine/edge, insecure: true } }\n`,
      )
      const run = (...args: string[]) => runCommand(args, { cwd })
      expect(await run('apply', 'streams.yaml', '--yes')).toMatchObject({ code: 0 })

      const { code, stdout } = await run('export', id, '-f', 'streams.yaml')
      expect(code).toBe(0)
      expect(stdout.match(/- name: .*|source: .*|servers: .*/g)).toEqual([
        `- name: ${id}`,
        `source: { remote: ${web.url}, protocol: simplestreams, alias: alpine/edge, insecure: true }`,
      ])
      writeFileSync(join(cwd, 'again.yaml'), stdout)
      expect(await run('plan', 'again.yaml', '--detailed-exitcode')).toMatchObject({
        code: 0,
        stdout: 'No changes. 1 image on 2 servers is as "again.yaml" says.\n',
      })
      for (const { client, close } of [target, source]) {
        await client.images.delete((await client.aliases.get(id)).target)
        await close()
      }
      await web.close()
    })
  },
)
