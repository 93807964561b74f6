import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { type StreamedFile, serveStreams } from './serve-streams.ts'
import { sourceTargets } from './source-targets.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-frozen-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe.each(
  sourceTargets(cwd, [
    ['lxd', 'incus'],
    ['incus', 'lxd'],
  ]),
)('a frozen run against %s', (name, open) => {
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
    id = `f${randomUUID().slice(0, 8)}`
  })

  const publish = async (content: string): Promise<string> => {
    makeImage(join(cwd, 'up.tar.gz'), `${id} ${content}`)
    const { fingerprint } = await uploadImage(source.client, join(cwd, 'up.tar.gz'), { public: true })
    await source.client.images.patch(fingerprint, { properties: { serial: content } })
    await source.client.aliases.set(`${id}/up`, { target: fingerprint })
    made.add(fingerprint)
    return fingerprint
  }
  const write = (alias = `${id}/up`): void =>
    writeFileSync(
      join(cwd, 'images.yaml'),
      `version: 1\nname: ${id}\nservers: { it: ${target.yaml} }\nimages:\n  - name: ${id}\n    source: { remote: "${source.url}", protocol: ${name.endsWith('lxd') ? 'lxd' : 'incus'}, serverCertificate: "${source.certificateFile}", alias: ${alias} }\n`,
    )
  const run = (...args: string[]) => runCommand(args, { cwd })

  test('a frozen run brings the locked image, even if its alias points at another one now or is gone', async () => {
    write()
    const one = await publish('20260101')
    expect(await run('update')).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'images.lock.yaml'), 'utf8')).toMatch(
      new RegExp(
        `fingerprint: "?${one}"?\\n[\\s\\S]*serial: "20260101"\\n[\\s\\S]*from: .*${source.url} alias ${id}/up\\n`,
      ),
    )
    const two = await publish('20260202')
    expect(await run('plan')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        `image "${id}" is ${two.slice(0, 12)} now, but was locked as ${one.slice(0, 12)}`,
      ),
    })
    expect(await run('validate', '--frozen')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('apply', '--frozen', '--yes')).toMatchObject({ code: 0 })
    expect((await target.client.aliases.get(id)).target).toBe(one)

    await source.client.aliases.delete(`${id}/up`)
    expect(await run('plan', '--frozen', '--detailed-exitcode')).toMatchObject({ code: 0 })
    await source.client.aliases.set(`${id}/up`, { target: two })
    const updated = await run('update')
    expect([updated.code, updated.stdout]).toEqual([
      0,
      expect.stringContaining(`${one.slice(0, 12)} (20260101), `),
    ])
    expect(updated.stdout).toContain(`-> ${two.slice(0, 12)} (20260202), `)
    expect(await run('apply', '--frozen', '--yes')).toMatchObject({ code: 0 })
    expect((await target.client.aliases.get(id)).target).toBe(two)
    // The alias still points at the locked image, so the server records it as the source to update from.
    expect((await target.client.images.get(two)).updateSource?.alias).toBe(`${id}/up`)
  })

  test('a frozen run copies what another server of the manifest had, even if its alias has moved on', async () => {
    const manifest = (alias: string, more = ''): void =>
      writeFileSync(
        join(cwd, 'images.yaml'),
        `version: 1\nname: ${id}\nservers:\n  prod: ${target.yaml}\n  staging: ${source.yaml}\nimages:\n  - { name: ${id}, source: { server: staging, alias: ${alias} }, servers: [prod] }\n${more}`,
      )
    manifest(`${id}/up`)
    const one = await publish('one')
    expect(await run('update')).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'images.lock.yaml'), 'utf8')).toContain(`from: staging alias ${id}/up\n`)
    await publish('two')
    expect(await run('validate', '--frozen')).toMatchObject({ code: 0 })
    expect(await run('apply', '--frozen', '--yes')).toMatchObject({ code: 0 })
    expect((await target.client.aliases.get(id)).target).toBe(one)

    await source.client.images.delete(one)
    expect(await run('plan', '--frozen', '--detailed-exitcode')).toMatchObject({ code: 1 })
    expect(await run('validate', '--frozen')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(one.slice(0, 12)),
    })
    // The manifest itself puts this image on staging, where it is locked; the copy of it is not locked again.
    manifest(`${id}/made`, `  - { name: ${id}/made, source: { file: up.tar.gz }, servers: [staging] }\n`)
    expect(await run('update')).toMatchObject({ code: 0 })
    expect(await run('validate', '--frozen')).toMatchObject({ code: 0 })
    const lock = readFileSync(join(cwd, 'images.lock.yaml'), 'utf8')
    expect(lock.match(/- name: .*/g)).toEqual([`- name: ${id}/made`])
  })

  test('a simplestreams image is locked with its serial for each kind of server, and a frozen run brings that version', async () => {
    const versions: StreamedFile[] = []
    const release = async (version: string): Promise<[lxd: string, incus: string]> => {
      const files = ['lxd', 'incus'].map((dialect) =>
        join(cwd, `${id}-${dialect}-${version.slice(0, 8)}.tar.gz`),
      )
      const [file = '', incusFile = ''] = files
      for (const each of files) makeImage(each, each)
      versions.push({ version, file, incusFile })
      const [lxd, incus] = await Promise.all(
        files.map(async (each) => (await fingerprintOf(each)).fingerprint),
      )
      for (const fingerprint of [lxd, incus]) made.add(fingerprint ?? '')
      return [lxd ?? '', incus ?? '']
    }
    const [lxd, incus] = await release('20260101_00:00')
    const web = await serveStreams(() => versions)
    const [one, two] = name.includes('lxd from') ? [lxd, incus] : [incus, lxd]
    writeFileSync(
      join(cwd, 'images.yaml'),
      `version: 1\nname: ${id}\nservers:\n  one: ${target.yaml}\n  two: ${source.yaml}\nimages:\n  - { name: ${id}, source: { remote: "${web.url}", protocol: simplestreams, alias: alpine/edge, insecure: true } }\n`,
    )
    expect(await run('update')).toMatchObject({ code: 0 })
    const locked = readFileSync(join(cwd, 'images.lock.yaml'), 'utf8')
    expect(
      locked
        .match(/ (servers:|serial:|fingerprint:|- two).*/g)
        ?.map((line) => line.trim().replaceAll('"', '')),
    ).toEqual([
      `fingerprint: ${one}`,
      'serial: 20260101_00:00',
      'servers:',
      '- two',
      `fingerprint: ${two}`,
      'serial: 20260101_00:00',
    ])
    await release('20260202_00:00')
    expect(await run('apply', '--frozen', '--yes')).toMatchObject({ code: 0 })
    expect((await target.client.aliases.get(id)).target).toBe(one)
    expect((await source.client.aliases.get(id)).target).toBe(two)
    expect(await run('plan', '--frozen', '--detailed-exitcode')).toMatchObject({ code: 0 })
    expect((await run('plan')).stderr).toContain('is not up to date')
    await web.close()
  })

  test('a frozen run refuses an image whose source changed in the manifest', async () => {
    write()
    await publish('one')
    expect(await run('update')).toMatchObject({ code: 0 })
    await source.client.aliases.set(`${id}/other`, {
      target: (await source.client.aliases.get(`${id}/up`)).target,
    })
    write(`${id}/other`)
    const { code, stderr } = await run('apply', '--frozen', '--yes')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^images\.yaml:6:13: image ".*" comes from remote .*\/other, but was locked from remote .*\/up\n$/,
      ),
    ])
    expect(await target.client.aliases.find(id)).toBeUndefined()
  })
})
