import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AddressSwitch, connect } from '@hyperkit/connect'
import type { Client, Image, Transport } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { makeImage } from '../src/fixtures/make-image.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { type ClusterMember, type RunningCluster, startCluster } from '../src/servers/start-cluster.ts'

const absence = explainAbsence('incus-7.0-cluster')
const directory = mkdtempSync(join(tmpdir(), 'hk-failover-'))
let cluster: RunningCluster

beforeAll(async () => {
  if (absence === undefined) cluster = await startCluster('incus-7.0')
})
afterAll(async () => {
  await cluster?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** A client that speaks to the leader, which dies at the first request to such a path, before the request is sent or after its answer. */
async function openDoomed(
  method: string,
  path: RegExp,
  when: 'before' | 'after',
): Promise<{ client: Client; leader: ClusterMember; revive(): Promise<void>; switches: AddressSwitch[] }> {
  const leader = await cluster.leader()
  const others = cluster.members.filter((member) => member !== leader)
  const { serverCertificate, clientCertificate } = cluster
  const switches: AddressSwitch[] = []
  let isDead = false
  let wasDoomed = false
  const wrapTransport = (transport: Transport): Transport => ({
    ...transport,
    async fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      const isIt = !wasDoomed && request.method === method && path.test(new URL(request.url).pathname)
      if (!isIt) return transport.fetch(request)
      wasDoomed = true
      if (when === 'after') await (await transport.fetch(request)).body?.cancel()
      isDead = true
      await leader.kill('SIGKILL')
      if (when === 'before') return transport.fetch(request)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    },
  })
  const client = await connect({
    url: [leader, ...others].map(({ url }) => url),
    name: 'berlin',
    serverCertificate,
    clientCertificate,
    wrapTransport,
    onSwitch: (change) => switches.push(change),
  })
  const revive = async (): Promise<void> => {
    if (isDead) await leader.start()
    isDead = false
  }
  onTestFinished(async () => {
    client.close()
    await revive()
  })
  return { client, leader, revive, switches }
}

const cases: [string, string, RegExp, 'before' | 'after'][] = [
  ['an upload begins', 'POST', /^\/1\.0\/images$/, 'before'],
  ['an alias is set', 'POST', /^\/1\.0\/images\/aliases$/, 'before'],
  ['it has set an alias', 'POST', /^\/1\.0\/images\/aliases$/, 'after'],
]

test.for(cases)(
  'an upload with an alias goes on through another member when the leader dies as %s',
  { timeout: 300_000 },
  async ([name, ...doom], context) => {
    if (absence !== undefined) return context.skip(absence)
    const { client, leader, switches } = await openDoomed(...doom)
    const { path } = await makeImage({ directory, name: 'doomed', seed: name })
    const alias = name.replaceAll(' ', '-')
    const image = await uploadImage(client, path, { aliases: [alias] })
    expect(switches).toMatchObject([{ server: 'berlin', from: leader.url, why: 'no-answer' }])
    expect(await client.aliases.get(alias)).toMatchObject({ target: image.fingerprint })
  },
)

test.for([
  ['has answered', 'POST', /^\/1\.0\/images$/, 'after'],
  ['works on', 'GET', /^\/1\.0\/operations\/[^/]+\/wait$/, 'before'],
] as const)(
  'an upload that the dead leader %s is done again, or its file comes back with the leader',
  { timeout: 300_000 },
  async ([name, method, place, when], context) => {
    if (absence !== undefined) return context.skip(absence)
    const { client, leader, revive } = await openDoomed(method, place, when)
    const { path } = await makeImage({ directory, name: 'halfway', seed: name })
    const alias = name.replaceAll(' ', '-')
    const upload = () => uploadImage(client, path, { aliases: [alias] })
    const first = await upload().catch((error: unknown) => error)
    // The leader was faster than the kill: it has recorded the image, and keeps its only file (T78).
    if (first instanceof Error) {
      expect(first.message).toContain(`its file is on member "${leader.name}"`)
      await revive()
    }
    const { fingerprint } =
      first instanceof Error
        ? // The others take some seconds to notice that the leader is back.
          await vi.waitFor(upload, { timeout: 60_000, interval: 500 })
        : (first as Image)
    expect(await client.aliases.get(alias)).toMatchObject({ target: fingerprint })
  },
)

test('reads and changes go on through another member when the leader dies', {
  timeout: 300_000,
}, async (context) => {
  if (absence !== undefined) return context.skip(absence)
  const { client, switches } = await openDoomed('PUT', /^\/1\.0\/images\//, 'after')
  const { path } = await makeImage({ directory, name: 'changed' })
  const { fingerprint } = await uploadImage(client, path)
  const changed = await client.images.update(fingerprint, { properties: { os: 'x' } })
  expect(changed.properties).toEqual({ os: 'x' })
  expect(switches).toHaveLength(1)
})
