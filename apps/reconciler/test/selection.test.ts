import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-selection-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const run = (...args: string[]) => runCommand(args, { cwd })
const names = ['prod', 'north', 'south'] as const
const servers: OpenServer[] = []
const all = ['-f', 'servers.yaml', '-f', 'images']

beforeAll(async () => {
  for (const _ of names) servers.push(await openEmbedded(cwd, { dialect: 'incus' }))
  const labels = ['tier: core', 'tier: edge, site: north', 'tier: edge, site: south']
  const entries = names.map(
    (name, index) => `  ${name}: ${servers[index]?.yaml.replace('{', `{ labels: { ${labels[index]} },`)}\n`,
  )
  const head = 'version: 1\nname: fleet\n'
  writeFileSync(join(cwd, 'servers.yaml'), `${head}servers:\n${entries.join('')}prune: { maxDelete: 1 }\n`)
  mkdirSync(join(cwd, 'images'))
  for (const [name, choice] of [
    ['everywhere', ''],
    ['edge', 'defaults: { serverLabels: { tier: edge } }\n'],
  ]) {
    makeImage(join(cwd, `images/${name}.tar.gz`), `${name}`)
    writeFileSync(
      join(cwd, `images/${name}.yaml`),
      `${head}${choice}images: [{ name: ${name}, source: { file: ${name}.tar.gz }, keep: 1 }]\n`,
    )
  }
})
afterAll(() => Promise.all(servers.map((server) => server.close())))

/** The images of each server in the plan that these arguments give. */
async function planned(...args: string[]): Promise<Record<string, string[]>> {
  const plan = JSON.parse((await run('plan', ...all, '--json', ...args)).stdout)
  return Object.fromEntries(
    plan.servers.map((server: { name: string; changes: { action: string; image: string }[] }) => [
      server.name,
      server.changes.filter(({ action }) => action === 'upload-image').map(({ image }) => image),
    ]),
  )
}

describe('servers are chosen', () => {
  test('servers are chosen by the labels of an image, or of the defaults of its file', async () => {
    expect(await planned()).toEqual({
      prod: ['everywhere'],
      north: ['edge', 'everywhere'],
      south: ['edge', 'everywhere'],
    })
  })

  test('servers are chosen by --server with names and labels', async () => {
    expect(Object.keys(await planned('--server', 'tier=edge'))).toEqual(['north', 'south'])
    expect(Object.keys(await planned('--server', 'tier=edge,site=south'))).toEqual(['south'])
    expect(Object.keys(await planned('--server', 'site=north', '--server', 'prod'))).toEqual([
      'prod',
      'north',
    ])
  })

  test('labels that no server has are refused with the nearest ones', async () => {
    const refusal = async (label: string): Promise<string> =>
      (await run('plan', ...all, '--server', label)).stderr
    expect(await refusal('tier=edg')).toBe(
      'No server in "servers.yaml, images" has tier=edg: did you mean tier=edge?\n',
    )
    expect(await refusal('tier=core,site=north')).toContain(
      'has tier=core,site=north: known labels: site=north, site=south, tier=core, tier=edge',
    )
    expect(await refusal('tier=')).toContain('Unknown server "tier="')
  })
})

describe('several manifests', () => {
  test('apply, history, rollback, prune and adopt work with several manifests, and labels narrow them', async () => {
    expect((await run('apply', ...all, '--yes')).code).toBe(0)
    makeImage(join(cwd, 'images/edge.tar.gz'), 'newer')
    expect((await run('apply', ...all, '--yes', '--server', 'tier=edge')).code).toBe(0)
    const history = JSON.parse(
      (await run('history', 'edge', ...all, '--server', 'site=north', '--json')).stdout,
    )
    expect(history).toMatchObject({
      manifest: { file: 'servers.yaml, images' },
      servers: [{ name: 'north' }],
    })
    const [image] = history.servers[0].images
    expect(image.versions).toHaveLength(2)

    expect((await run('rollback', 'edge', ...all, '--server', 'site=north', '--yes')).code).toBe(0)
    const target = async (index: number) => (await servers[index]?.client.aliases.get('edge'))?.target
    expect(await target(1)).toBe(image.versions[1].fingerprint)
    expect(await target(2)).toBe(image.versions[0].fingerprint)
    expect((await run('apply', ...all, '--yes', '--server', 'north')).code).toBe(0)

    const pruned = JSON.parse((await run('prune', ...all, '--yes', '--json')).stdout)
    expect(pruned.servers.map(({ results }: { results: unknown[] }) => results.length)).toEqual([0, 1, 1])

    makeImage(join(cwd, 'images/everywhere.tar.gz'), 'by hand')
    const client = servers[0]?.client
    if (client === undefined) throw new Error('no server')
    const { fingerprint } = await uploadImage(client, join(cwd, 'images/everywhere.tar.gz'))
    await client.aliases.create('theirs', { target: fingerprint })
    const adopted = await run('adopt', 'everywhere', ...all, '--yes')
    expect(adopted.code).toBe(0)
    expect((await client.images.get(fingerprint)).properties).toMatchObject({ 'hyperkit.manifest': 'fleet' })
  })
})

test('an alias that one server alone has is rolled back there', async () => {
  const image = (content: string): void => makeImage(join(cwd, 'images/everywhere.tar.gz'), content)
  writeFileSync(
    join(cwd, 'images/everywhere.yaml'),
    'version: 1\nname: fleet\nimages: [{ name: everywhere, source: { file: everywhere.tar.gz }, overrides: { north: { aliases: [here] } } }]\n',
  )
  const here = async (): Promise<string | undefined> => (await servers[1]?.client.aliases.get('here'))?.target
  const targets: (string | undefined)[] = []
  for (const content of ['first', 'second']) {
    image(content)
    expect((await run('apply', ...all, '--yes', '--target', 'everywhere')).code).toBe(0)
    targets.push(await here())
  }
  expect(new Set(targets).size).toBe(2)
  expect(await servers[2]?.client.aliases.find('here')).toBeUndefined()
  expect((await run('rollback', 'here', ...all, '--server', 'north', '--yes')).code).toBe(0)
  expect(await here()).toBe(targets[0])
})
