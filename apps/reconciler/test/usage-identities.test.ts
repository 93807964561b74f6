import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, supports } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type Granted, openIdentity } from './open-guest.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-identities-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const name = `i${randomUUID().slice(0, 8)}`
const own = `${name}-own`
const manifest = join(cwd, 'images.yaml')
const fileOf = (version: number): string => join(cwd, `${version}.tar.gz`)
const versions: string[] = []
beforeAll(async () => {
  for (const version of [1, 2]) {
    makeImage(fileOf(version), `${name} ${version}`)
    versions.push((await fingerprintOf(fileOf(version))).fingerprint)
  }
})

const managers = ['can_view', 'image_manager', 'image_alias_manager']
const on = (project: string, ...entitlements: string[]): Granted[] =>
  entitlements.map((entitlement) => [entitlement, project])

function write(server: string, project: string, images: string): void {
  const there = project === 'default' ? server : server.replace(/ \}$/, `, project: ${project} }`)
  writeFileSync(
    manifest,
    `version: 1\nname: ${name}\nservers: { it: ${there} }\nimages: [${images}]\nprune: {}\n`,
  )
}

/** Two versions, of which the manifest keeps one. */
async function bring(client: Client, server: string, project: string): Promise<void> {
  const images = client.project(project).images
  onTestFinished(async () => {
    for (const one of versions) if (await images.find(one)) await images.delete(one)
  })
  for (const version of [1, 2]) {
    copyFileSync(fileOf(version), join(cwd, 'img.tar.gz'))
    write(server, project, `{ name: ${name}, source: { file: img.tar.gz }, keep: 2 }`)
    expect((await applyOf(manifest)).servers[0]?.status).toBe('done')
  }
}

const real = describeReal('lxd')
const targets: [string, undefined | (() => Promise<OpenServer>)][] = [
  ...(['lxd-5.21', 'lxd-6.9'] as const).map((dialect): [string, () => Promise<OpenServer>] => [
    `an embedded ${dialect}`,
    () => openEmbedded(cwd, { dialect }),
  ]),
  ['a real lxd', real && (() => openOver(cwd, real))],
]

describe.each(targets)('an identity of %s that manages images', (_, open) => {
  let server: OpenServer | undefined
  let why = 'HYPERKIT_SERVERS names no such server'
  beforeAll(async () => {
    server = await open?.()
    if (server === undefined || supports(await server.client.server(), 'access_management_tls')) return
    why = 'this LXD has no fine-grained identities'
    await server.close()
    server = undefined
  })
  afterAll(() => server?.close())
  beforeEach((context) => {
    if (server === undefined) context.skip(why)
  })
  const given = (): OpenServer => server ?? expect.unreachable()

  async function inOwnProject({ client }: OpenServer): Promise<void> {
    const config = { 'features.images': 'true', 'features.profiles': 'true' }
    await client.request({ method: 'POST', path: '/1.0/projects', json: { name: own, config } })
    onTestFinished(async () => {
      await client.request({ method: 'DELETE', path: `/1.0/projects/${own}` })
    })
  }

  test.each<[string, string, Granted[], string]>([
    ['as operator of "default"', 'default', on('default', 'operator'), 'entitlement "viewer" on the server'],
    ['in "default"', 'default', on('default', ...managers), 'entitlement "viewer" on the server'],
    ['in a project with its own images', own, on(own, ...managers), '"can_view_profiles" on project'],
  ])(
    '%s keeps images that may be in use, and the message names the missing permission',
    async (_, project, granted, missing) => {
      const context = given()
      if (project === own) await inOwnProject(context)
      const { yaml: identity } = await openIdentity(cwd, context, granted)
      await bring(context.client, identity, project)
      write(identity, project, `{ name: ${name}, source: { file: img.tar.gz }, keep: 1 }`)
      const plan = await planOf(manifest)
      expect(actionsOf(plan)).toEqual([])
      const why = expect.stringContaining(missing)
      expect(plan.servers).toMatchObject([{ spared: [{ fingerprint: versions[0], why }] }])
      const { servers } = await applyOf(manifest)
      expect(servers[0]?.status).toBe('done')
      write(identity, project, `{ name: ${name}, state: absent }`)
      const report = await applyOf(manifest)
      expect(report.servers[0]?.status).toBe('failed')
      expect(outcomesOf(report)).toEqual([expect.stringContaining(`Cannot remove image "${name}" from "it"`)])
      const images = context.client.project(project).images
      for (const one of versions) expect(await images.find(one)).toBeDefined()
    },
  )

  test.each<[string, string, Granted[]]>([
    ['that views the server', 'default', [['viewer'], ...on('default', ...managers)]],
    ['as operator of a project with its own images', own, on(own, 'operator')],
    [
      'that views the instances and profiles of a project with its own images',
      own,
      on(own, ...managers, 'can_view_instances', 'can_view_profiles'),
    ],
  ])('%s prunes', async (_, project, granted) => {
    const context = given()
    if (project === own) await inOwnProject(context)
    const { yaml: identity } = await openIdentity(cwd, context, granted)
    await bring(context.client, identity, project)
    write(identity, project, `{ name: ${name}, source: { file: img.tar.gz }, keep: 1 }`)
    expect(outcomesOf(await applyOf(manifest))).toEqual(['it: delete-image: done'])
    write(identity, project, `{ name: ${name}, state: absent }`)
    expect(outcomesOf(await applyOf(manifest))).toEqual(['it: delete-image: done'])
    const images = context.client.project(project).images
    for (const one of versions) expect(await images.find(one)).toBeUndefined()
  })
})
