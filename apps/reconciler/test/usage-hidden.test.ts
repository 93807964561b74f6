import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@hyperkit/core'
import type { ImageServerOptions, SeededInstance } from '@hyperkit/embedded'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openGuest } from './open-guest.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { actionsOf, applyOf, planOf } from './plan-and-apply.ts'
import { type Ended, runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-usage-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const name = `h${randomUUID().slice(0, 8)}`
const sharing = `${name}-sharing`
const fileOf = (version: string): string => join(cwd, `${version}.tar.gz`)
const versions: string[] = []
beforeAll(async () => {
  for (const version of ['1', '2', '3', 'other']) {
    makeImage(fileOf(version), `${name} ${version}`)
    versions.push((await fingerprintOf(fileOf(version))).fingerprint)
  }
})

interface Place {
  server: OpenServer
  /** Makes an instance from an image in a place that the restricted client does not see. */
  use(fingerprint: string): Promise<void>
}

async function openSeeded(dialect: ImageServerOptions['dialect']): Promise<Place> {
  const instances: SeededInstance[] = []
  const server = await openEmbedded(cwd, { dialect, instances })
  return {
    server,
    use: async (baseImage) => void instances.push({ name, project: sharing, baseImage }),
  }
}

async function openReal(dialect: 'lxd' | 'incus'): Promise<Place> {
  const server = await openOver(cwd, describeReal(dialect) ?? expect.unreachable())
  const within = server.client.project(sharing)
  return {
    server,
    async use(fingerprint) {
      const source = { type: 'image', fingerprint }
      await ask(within, 'POST', '/1.0/instances', { name, type: 'container', source })
      onTestFinished(() => ask(within, 'DELETE', `/1.0/instances/${name}`))
    },
  }
}

async function ask(
  client: Client,
  method: 'POST' | 'DELETE',
  path: string,
  json?: Record<string, unknown>,
): Promise<void> {
  const answer = await client.request({ method, path, ...(json === undefined ? {} : { json }) })
  if (answer.operation) await client.operations.wait(answer.operation)
}

const manifest = join(cwd, 'images.yaml')
const run = (...args: string[]): Promise<Ended> => runCommand(args, { cwd })

function write(yaml: string, images: string, prune = 'prune: {}\n'): void {
  const text = `version: 1\nname: ${name}\nservers: { it: ${yaml} }\nimages: [${images}]\n${prune}`
  writeFileSync(manifest, text)
}

const image = (keep: number): string => `{ name: ${name}, source: { file: img.tar.gz }, keep: ${keep} }`

async function bring({ yaml }: OpenServer): Promise<void> {
  write(yaml, image(3))
  for (const version of ['1', '2', '3']) {
    copyFileSync(fileOf(version), join(cwd, 'img.tar.gz'))
    await apply()
  }
}

/** Applies in this process, which is faster than a command. */
async function apply(): Promise<void> {
  expect((await applyOf(manifest)).servers).toMatchObject([{ status: 'done' }])
}

const lacks = 'this client lacks the right to see all projects'
const unseen = `whether an instance, a snapshot or a profile uses it is unknown, because ${lacks}`

type Target = [name: string, open: undefined | (() => Promise<Place>)]
const targets: Target[] = [
  ...(['lxd-6.9', 'incus-7.0'] as const).map(
    (dialect): Target => [`an embedded ${dialect}`, () => openSeeded(dialect)],
  ),
  ...(['lxd', 'incus'] as const).map(
    (dialect): Target => [`a real ${dialect}`, describeReal(dialect) && (() => openReal(dialect))],
  ),
]

describe.each(targets)('a certificate restricted to "default" on %s', (_, open) => {
  test('a restricted certificate prunes and deletes nothing, because it does not see all users of the images', async (context) => {
    if (open === undefined) return context.skip('HYPERKIT_SERVERS names no such server')
    const { server, use } = await open()
    const { client } = server
    onTestFinished(() => server.close())
    onTestFinished(async () => {
      for (const one of versions) if (await client.images.find(one)) await client.images.delete(one)
      await ask(client, 'DELETE', `/1.0/projects/${sharing}`)
    })
    const features = { 'features.images': 'false', 'features.profiles': 'false' }
    await ask(client, 'POST', '/1.0/projects', { name: sharing, config: features })
    await bring(server)
    const [first = '', second = '', third = '', other = ''] = versions
    await use(first)
    const there = async (): Promise<string[]> =>
      (await client.images.list())
        .map(({ fingerprint }) => fingerprint)
        .filter((one) => versions.includes(one))

    const { yaml: guest } = await openGuest(cwd, server, ['default'])
    write(guest, image(1))
    const planned = await run('plan', '--detailed-exitcode')
    expect(planned).toMatchObject({ code: 0, stderr: '' })
    for (const version of [first, second])
      expect(planned.stdout).toContain(`it: ${name} ${version.slice(0, 12)}, `)
    expect(planned.stdout).toContain(`stays: ${unseen}`)
    expect(await planOf(manifest)).toMatchObject({
      servers: [
        {
          changes: [],
          spared: [
            { fingerprint: first, why: expect.stringContaining(unseen) },
            { fingerprint: second, why: expect.stringContaining(unseen) },
          ],
        },
      ],
    })
    expect(await run('apply', '--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining(unseen) })
    expect(await run('prune', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing to prune\.\n/),
    })
    const history = await run('history')
    expect(history).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`which versions are in use is unknown, because ${lacks}`),
    })
    expect(history.stdout).not.toContain('(in use)')
    expect(await run('rollback', name, '--yes')).toMatchObject({ code: 0 })
    expect((await client.aliases.get(name)).target).toBe(second)
    await apply()
    expect((await client.aliases.get(name)).target).toBe(third)

    // The other images continue.
    write(
      guest,
      `{ name: ${name}, state: absent }, { name: ${name}-other, source: { file: other.tar.gz } }`,
      '',
    )
    const refusal = `Cannot remove image "${name}" from "it": ${unseen}`
    expect(await run('plan')).toMatchObject({ code: 1, stdout: expect.stringContaining(refusal) })
    const applied = await run('apply', '--yes', '--report', 'report.json')
    expect(applied.code).toBe(1)
    const report = JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8'))
    expect(report.servers).toMatchObject([
      {
        state: 'failed',
        error: expect.stringContaining(refusal),
        cells: [
          { image: `${name}-other`, state: 'done' },
          { image: name, state: 'failed' },
        ],
      },
    ])
    expect(`${applied.stdout}${applied.stderr}`).toContain(refusal)
    expect((await client.aliases.get(name)).target).toBe(third)
    expect((await client.aliases.get(`${name}-other`)).target).toBe(other)
    expect((await there()).sort()).toEqual([...versions].sort())

    // A client that sees all projects prunes the images that nothing uses.
    write(server.yaml, `${image(1)}, { name: ${name}-other, source: { file: other.tar.gz } }`)
    await apply()
    expect((await there()).sort()).toEqual([first, third, other].sort())
    write(server.yaml, `{ name: ${name}, state: absent }, { name: ${name}-other, state: absent }`, '')
    await apply()
    expect(await there()).toEqual([first])
  })
})

test('a name that one server refuses does not keep old versions on another', async () => {
  const one = await openEmbedded(cwd, { dialect: 'incus' })
  const two = await openEmbedded(cwd, { dialect: 'lxd' })
  onTestFinished(() => one.close())
  onTestFinished(() => two.close())
  const writeBoth = (yaml: string, images: string): void =>
    writeFileSync(
      manifest,
      `version: 1\nname: ${name}\nservers: { one: ${yaml}, two: ${two.yaml} }\nimages: [${images}]\nprune: {}\n`,
    )
  const kept = `{ name: ${name}, source: { file: img.tar.gz }, keep: 1, servers: [two] }`
  copyFileSync(fileOf('1'), join(cwd, 'img.tar.gz'))
  writeBoth(one.yaml, `${kept}, { name: old, source: { file: other.tar.gz }, servers: [one] }`)
  await applyOf(manifest)
  copyFileSync(fileOf('2'), join(cwd, 'img.tar.gz'))
  const guest = await openGuest(cwd, one, ['default'])
  writeBoth(guest.yaml, `${kept}, { name: old, state: absent, servers: [one] }`)
  expect((await applyOf(manifest)).servers).toMatchObject([{ status: 'failed' }, { status: 'done' }])
  expect((await one.client.aliases.get('old')).target).toBe(versions[3])
  expect(await two.client.images.fingerprints()).toEqual([versions[1]])
})

test('the instances of a server are listed once for a plan', async () => {
  const asked: string[] = []
  const server = await openEmbedded(cwd, {
    dialect: 'incus',
    faults: (request, answer) => {
      asked.push(new URL(request.url).pathname)
      return answer()
    },
  })
  onTestFinished(() => server.close())
  await bring(server)
  write(server.yaml, `${image(3)}, { name: old, source: { file: other.tar.gz } }`)
  await apply()
  write(server.yaml, `${image(1)}, { name: old, state: absent }`)
  asked.splice(0)
  expect(actionsOf(await planOf(manifest))).toEqual(['delete-image', 'delete-image', 'delete-image'])
  expect(asked.filter((path) => path === '/1.0/instances')).toHaveLength(1)
})
