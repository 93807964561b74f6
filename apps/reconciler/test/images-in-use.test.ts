import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import type { SeededInstance, SeededSnapshot } from '@hyperkit/embedded'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { makeInstances } from './make-instances.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-in-use-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Makes an instance from an image, takes a snapshot, and then records another image in the instance, as a rebuild does. */
interface User {
  use(before: string, now: string): Promise<void>
  dropSnapshot(): Promise<void>
  dropInstance(): Promise<void>
}

async function openSeeded(dialect: 'lxd' | 'incus'): Promise<{ server: OpenServer; user: User }> {
  const snapshots: SeededSnapshot[] = []
  const instance: SeededInstance = { name, snapshots, ...(versions[1] ? { baseImage: versions[1] } : {}) }
  const server = await openEmbedded(folder, { dialect, instances: [instance] })
  return {
    server,
    user: {
      use: async (before) => void snapshots.push({ name: 'before', baseImage: before }),
      dropSnapshot: async () => void snapshots.splice(0),
      dropInstance: () => makeInstances([name]).remove(name, server.client),
    },
  }
}

function onReal(client: Client, name: string): User {
  const ask = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, json?: Record<string, unknown>) => {
    const answer = await client.request({ method, path, ...(json === undefined ? {} : { json }) })
    if (answer.operation) await client.operations.wait(answer.operation)
  }
  const path = `/1.0/instances/${name}`
  return {
    async use(before, now) {
      const source = { type: 'image', fingerprint: before }
      await ask('POST', '/1.0/instances', { name, type: 'container', source })
      await ask('POST', `${path}/snapshots`, { name: 'before' })
      await ask('PATCH', path, { config: { 'volatile.base_image': now } })
    },
    dropSnapshot: () => ask('DELETE', `${path}/snapshots/before`),
    dropInstance: () => ask('DELETE', path),
  }
}

const dialects = ['lxd', 'incus'] as const
const name = `u${randomUUID().slice(0, 8)}`
const targets = dialects.flatMap((dialect): [string, undefined | (() => ReturnType<typeof openSeeded>)][] => {
  const described = describeReal(dialect)
  const real = async (): ReturnType<typeof openSeeded> => {
    const server = await openOver(folder, described ?? expect.unreachable())
    return { server, user: onReal(server.client, name) }
  }
  return [
    [`an embedded ${dialect}`, () => openSeeded(dialect)],
    [`a real ${dialect}`, described && real],
  ]
})

const manifest = join(folder, 'images.yaml')
const file = join(folder, 'img.tar.gz')
const versions: string[] = []
const fileOf = (version: number): string => join(folder, `${version}.tar.gz`)
beforeAll(async () => {
  for (const version of [1, 2, 3]) {
    makeImage(fileOf(version), `${name} ${version}`)
    versions.push((await fingerprintOf(fileOf(version))).fingerprint)
  }
})

function writeManifest(server: OpenServer, keep: number): void {
  const images = `images: [{ name: ${name}, source: { file: img.tar.gz }, keep: ${keep} }]`
  writeFileSync(
    manifest,
    `version: 1\nname: ${name}\nservers: { it: ${server.yaml} }\n${images}\nprune: {}\n`,
  )
}

async function bringAll(server: OpenServer): Promise<void> {
  writeManifest(server, 3)
  for (const version of [1, 2, 3]) {
    copyFileSync(fileOf(version), file)
    await applyOf(manifest)
  }
  writeManifest(server, 1)
}

describe.each(chooseTargets(targets))('an image in use on %s', (_, open) => {
  test('an image stays while an instance or a snapshot made from it exists, and is pruned afterwards', async (context) => {
    if (open === undefined) return context.skip('HYPERKIT_SERVERS names no such server')
    const { server, user } = await open()
    const { images } = server.client
    const [first = '', second = '', third = ''] = versions
    onTestFinished(async () => {
      for (const version of versions) if (await images.find(version)) await images.delete(version)
      await server.close()
    })
    await bringAll(server)
    await user.use(first, second)
    expect([...(await images.used())]).toEqual(expect.arrayContaining([first, second]))

    const held = await planOf(manifest)
    expect(actionsOf(held)).toEqual([])
    const stays = { why: 'an instance, a snapshot or a profile uses it' }
    expect(held.servers).toMatchObject([
      {
        spared: [
          { fingerprint: first, ...stays },
          { fingerprint: second, ...stays },
        ],
      },
    ])

    await user.dropSnapshot()
    expect(outcomesOf(await applyOf(manifest))).toEqual(['it: delete-image: done'])
    expect(await images.find(first)).toBeUndefined()
    expect(await images.find(second)).toBeDefined()
    await user.dropInstance()
    expect(outcomesOf(await applyOf(manifest))).toEqual(['it: delete-image: done'])
    expect((await images.list()).filter((image) => versions.includes(image.fingerprint))).toMatchObject([
      { fingerprint: third },
    ])
  })
})

test('nothing is pruned if the server lists an instance that it could not read', async () => {
  const server = await openEmbedded(folder, {
    dialect: 'incus',
    faults: async (request, answer) => {
      const response = await answer()
      if (new URL(request.url).pathname !== '/1.0/instances') return response
      // A cluster lists instances of a member that is down in this way.
      const unread = { name: 'far', project: 'web', status: 'Error', status_code: 400, config: null }
      return Response.json({ ...(await response.json()), metadata: [unread] }, { headers: response.headers })
    },
  })
  onTestFinished(() => server.close())
  await bringAll(server)
  const plan = await planOf(manifest)
  expect(actionsOf(plan)).toEqual([])
  expect(plan.servers).toMatchObject([
    {
      notPruned: expect.stringContaining('the server could not read its instance "far" (project "web")'),
    },
  ])
})
