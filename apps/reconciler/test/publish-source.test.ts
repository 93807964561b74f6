import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { applyPlan, loadManifest, planManifest } from '@hyperkit/reconcile'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type InstanceMaker, makeInstances } from './make-instances.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf, prepare } from './plan-and-apply.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-publish-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** More names than tests, because a test may be run again. */
const ids = Array.from({ length: 60 }, () => `p${randomUUID().slice(0, 8)}`)

interface Opened {
  server: OpenServer
  instances: InstanceMaker
  /** A server without instances. */
  second: OpenServer
}

const targets = (['lxd', 'incus'] as const).flatMap(
  (dialect): [string, undefined | (() => Promise<Opened>)][] => {
    const [described, another] = [describeReal(dialect), describeReal(dialect, 1)]
    return [
      [
        `an embedded ${dialect}`,
        async () => {
          const instances = makeInstances(ids)
          const server = await openEmbedded(folder, { dialect, instances: instances.seeded })
          return { server, instances, second: await openEmbedded(folder, { dialect }) }
        },
      ],
      [
        `a real ${dialect}`,
        described &&
          another &&
          (async () => {
            const server = await openOver(folder, described)
            const second = await openOver(folder, another)
            return { server, instances: makeInstances([], server.client), second }
          }),
      ],
    ]
  },
)

describe.each(chooseTargets(targets))('an image of an instance on %s', (_, open) => {
  let server: OpenServer
  let client: Client
  let instances: InstanceMaker
  let second: OpenServer
  let id = ''

  beforeAll(async () => {
    if (open === undefined) return
    ;({ server, instances, second } = await open())
    client = server.client
  })
  afterAll(async () => {
    if (open === undefined) return
    await instances.removeAll(client)
    for (const { images } of [client, second.client])
      for (const { fingerprint, properties } of await images.list())
        if (/^p[0-9a-f]{8}$/.test(properties['hyperkit.manifest'] ?? '')) await images.delete(fingerprint)
    await second.close()
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    id = ids.pop() ?? ''
  })

  const write = (source: string, more = ''): string => {
    const path = join(folder, `${id}.yaml`)
    writeFileSync(
      path,
      `version: 1\nname: ${id}\nservers: { it: ${server.yaml} }\nimages:\n  - name: ${id}\n    source: { ${source} }\n    public: true\n    expiresAt: 2030-01-01\n    properties: { release: noble }\n${more}`,
    )
    return path
  }
  const target = async (): Promise<string> => (await client.aliases.get(id)).target

  test('an image is published from a snapshot once, and again if the snapshot was recreated', async () => {
    await instances.make(id)
    await instances.snapshot(id, 'release')
    const path = write(`instance: ${id}, snapshot: release, compression: gzip`)
    const [planned] = (await planOf(path)).servers
    expect(planned).toMatchObject({
      changes: [
        { action: 'publish-image', from: { instance: id, snapshot: 'release' } },
        { action: 'create-alias' },
      ],
    })
    if (planned?.status !== 'planned') throw new Error('not planned')
    const [publish, create] = planned.changes
    expect(publish?.fingerprint).toMatch(new RegExp(`^after-apply:it/snapshot ${id}/release of 20`))
    expect(create).toMatchObject({
      fingerprint: publish?.fingerprint,
      after: { target: publish?.fingerprint },
    })

    const report = await applyOf(path)
    expect(outcomesOf(report)).toEqual(['it: publish-image: done', 'it: create-alias: done'])
    const first = await target()
    expect(report.servers[0]?.results[0]?.fingerprint).toBe(first)
    const image = await client.images.get(first)
    expect(image).toMatchObject({ public: true, expiresAt: new Date('2030-01-01') })
    expect(image.properties).toMatchObject({
      release: 'noble',
      'hyperkit.manifest': id,
      'hyperkit.image': id,
      'hyperkit.source': publish?.fingerprint.replace('after-apply:it/', ''),
    })
    expect(image.properties).not.toHaveProperty('hyperkit.creation')
    expect(actionsOf(await planOf(path))).toEqual([])

    await instances.snapshotAnew(id, 'release')
    expect(actionsOf(await planOf(path))).toEqual(['publish-image', 'update-alias'])
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    expect(await target()).not.toBe(first)
    expect(actionsOf(await planOf(path))).toEqual([])
    expect(await client.images.find(first)).toBeDefined()
  })

  test('an image is published from the instance itself once, and again if --republish asks for it', async () => {
    await instances.make(id)
    const path = write(`instance: ${id}`)
    expect(outcomesOf(await applyOf(path))).toEqual(['it: publish-image: done', 'it: create-alias: done'])
    const first = await target()
    expect(actionsOf(await planOf(path))).toEqual([])
    await instances.waitForAnotherSecond()
    const again = { republish: [id] }
    expect(actionsOf(await planOf(path, again))).toEqual(['publish-image', 'update-alias'])
    expect((await applyOf(path, again)).servers[0]?.status).toBe('done')
    expect(await target()).not.toBe(first)
    expect(actionsOf(await planOf(path))).toEqual([])
    // The published image stays after its instance is deleted.
    await instances.remove(id, client)
    expect(actionsOf(await planOf(path))).toEqual([])
    await expect(planOf(path, { republish: [`${id}x`] })).rejects.toThrow(`Unknown image "${id}x"`)
  })

  test('an image that a killed run published without its alias is found, and not published again', async () => {
    await instances.make(id)
    await instances.snapshot(id, 'release')
    const path = write(`instance: ${id}, snapshot: release`)
    const prepared = await prepare(path)
    await applyOf(path)
    const first = await target()
    await client.aliases.delete(id)
    expect(actionsOf(await planOf(path))).toEqual(['create-alias'])
    // A plan that was made before the image existed finds it too.
    const { carryOutPlan } = await import('@hyperkit/reconcile/parts')
    const late = await carryOutPlan(prepared.plan, { ...prepared, signal: new AbortController().signal })
    await prepared.close()
    expect(outcomesOf(late)).toEqual(['it: publish-image: done', 'it: create-alias: done'])
    expect(await target()).toBe(first)
  })

  test('an image is published by one server and copied to the others in one run', async () => {
    await instances.make(id)
    await instances.snapshot(id, 'release')
    const path = join(folder, `${id}.yaml`)
    writeFileSync(
      path,
      `version: 1\nname: ${id}\nservers: { edge: ${second.yaml}, it: ${server.yaml} }\nimages:\n  - { name: ${id}, source: { instance: ${id}, snapshot: release, server: it } }\n  - { name: ${id}/again, source: { server: it, alias: ${id} }, servers: [edge] }\n`,
    )
    expect(actionsOf(await planOf(path))).toEqual([
      ...['copy-image', 'create-alias', 'create-alias'],
      ...['publish-image', 'create-alias'],
    ])
    // There is nothing to copy before the image is published, and this plan does not cover the server that publishes it.
    const alone = await planOf(path, { servers: ['edge'] })
    expect(actionsOf(alone)).toEqual([])
    expect(JSON.stringify(alone)).toContain('it has not been published there yet')
    const manifest = await loadManifest(path)
    const report = await applyPlan(await planManifest(manifest), { manifest })
    expect(report.servers.map(({ status }) => status)).toEqual(['done', 'done'])
    const copy = await second.client.images.getByAlias(`${id}/again`)
    expect(copy.fingerprint).toBe(await target())
    expect(copy.properties).toMatchObject({
      'hyperkit.image': `${id}\n${id}/again`,
      'hyperkit.source': expect.stringContaining(`snapshot ${id}/release of 20`),
    })
    expect(actionsOf(await planOf(path))).toEqual([])
    expect(actionsOf(await planOf(path, { servers: ['edge'] }))).toEqual([])
  })

  test('publishing a running instance fails with the words of the server, and succeeds once it is stopped', async (context) => {
    if (instances.seeded.length === 0)
      context.skip('the real servers of the tests have no network to start with')
    await instances.make(id)
    await instances.snapshot(id, 'release')
    const state = async (action: string): Promise<void> => {
      const path = `/1.0/instances/${id}/state`
      const answer = await client.request({ method: 'PUT', path, json: { action } })
      await client.operations.wait(answer.operation ?? '')
    }
    await state('start')
    const path = write(`instance: ${id}`)
    const [publish, create] = outcomesOf(await applyOf(path))
    expect(publish).toMatch(/^it: publish-image: failed: Cannot publish instance ".*running/)
    expect(create).toContain('it: create-alias: skipped')
    // The instance of a snapshot may be running.
    expect((await applyOf(write(`instance: ${id}, snapshot: release`))).servers[0]?.status).toBe('done')
    await state('stop')
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('an image with nothing to publish is a problem of that image alone', async () => {
    const path = write(`instance: ${id}, snapshot: never`)
    const report = await applyOf(path)
    expect(outcomesOf(report)).toEqual([
      `it: ${id}: ${path}:6:13: Cannot publish image "${id}": "it" has no snapshot "${id}/never"`,
    ])
  })
})
