import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeImage } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Described, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit } from './start-command.ts'

/** A cluster of m1, m2 and m3, in which the files of an image lie on one member. */
export interface OpenCluster {
  members: readonly (Described & {
    name: string
    kill(signal: 'SIGKILL'): Promise<void>
    start(): Promise<void>
  })[]
  /** Whether the records of images name the members that have them. */
  hasLocations: boolean
  close(): Promise<void>
}

/**
 * Defines the tests of commands on a cluster.
 *
 * @param absent a sentence that says why it cannot be opened here
 */
export function describeCluster(title: string, open: () => Promise<OpenCluster>, absent?: string): void {
  describe(title, () => {
    let cwd: string
    const id = `c${randomUUID().slice(0, 8)}`
    let cluster: OpenCluster
    let clients: Client[]
    let run: (...args: string[]) => Promise<Ended>

    beforeAll(async () => {
      if (absent !== undefined) return
      cwd = mkdtempSync(join(tmpdir(), 'hk-cluster-'))
      cluster = await open()
      const remotes = writeRemotes(cwd, Object.fromEntries(cluster.members.map((one) => [one.name, one])))
      clients = await Promise.all(cluster.members.map(({ name }) => remotes.client(name)))
      run = (...args) => runHyperkit(args, { cwd, environment: remotes.environment })
    })
    beforeEach((context) => {
      if (absent !== undefined) context.skip(absent)
    })
    afterAll(async () => {
      if (absent !== undefined) return
      for (const client of clients ?? []) client.close()
      await cluster?.close()
      rmSync(cwd, { recursive: true, force: true })
    })
    const clientOf = (name: string): Client => {
      const client = clients[cluster.members.findIndex((one) => one.name === name)]
      if (client === undefined) throw new Error(`no member ${name}`)
      return client
    }
    const upload = async (name: string, at: string): Promise<string> => {
      const { path } = await makeImage({ directory: cwd, name: `${id}-${name}` })
      return (await uploadImage(clientOf(at), path)).fingerprint
    }
    const writeImage = (name: string, seed: string) =>
      makeImage({ directory: cwd, name: `${id}-${name}`, seed: `${id}-${seed}` })
    const write = (images: string): void =>
      writeFileSync(
        join(cwd, 'images.yaml'),
        `version: 1\nname: ${id}\nservers: { a: { remote: m1 }, b: { remote: m2 } }\nimages: [${images}]\nprune: {}\n`,
      )
    const image = (name: string, server: string): string =>
      `{ name: ${id}/${name}, source: { file: ${id}-${name}.tar.gz }, keep: 1, servers: [${server}] }`
    const aliased = async (name: string): Promise<string> =>
      (await clientOf('m2').images.getByAlias(`${id}/${name}`)).fingerprint

    test('info, show and list say which member has the files of an image, and another one verifies them', async () => {
      const fingerprint = await upload('located', 'm2')
      expect(await run('verify', `m1:${fingerprint}`)).toMatchObject({ code: 0 })
      const info = (await run('info', `m1:${fingerprint}`)).stdout
      const { stdout: shown } = await run('show', `m1:${fingerprint}`, '--json')
      const { stdout: listed } = await run('list', 'm1:', '-c', 'Fm', '-f', 'csv')
      if (cluster.hasLocations) {
        expect(info).toContain('Cluster members:\n    - m2 (online)\n')
        expect(JSON.parse(shown)).toMatchObject({ locations: ['m2'] })
        expect(listed).toContain(`${fingerprint},m2\n`)
      } else {
        expect(info).toContain('Cluster members:\n    - not reported by this server\n')
        expect(JSON.parse(shown)).not.toHaveProperty('locations')
        expect(listed).toContain(`${fingerprint},\n`)
      }
    })

    test('doctor lists the members and how many images each has', async () => {
      const { stdout } = await run('doctor', 'm3:')
      expect(stdout).toMatch(/ok +m3: cluster: 3 members: m1( \(leader\))?, m2.*, m3.*; all are online/)
      expect(stdout).toMatch(
        cluster.hasLocations
          ? /warning m3: image files: \d+ images?: m1 has \d+, m2 has \d+, m3 has \d+; only one member has \d+ of them/
          : /m3: image files: this server does not report which members have them/,
      )
    })

    test('two members in a manifest are one server: what one entry wants is not pruned for the other', async () => {
      write(`${image('x', 'a')}, ${image('y', 'b')}`)
      await writeImage('x', 'x1')
      const y = await writeImage('y', 'y1')
      expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
      const before = await aliased('x')
      const { fingerprint } = await writeImage('x', 'x2')
      expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
      expect([await aliased('x'), await aliased('y')]).toEqual([fingerprint, y.fingerprint])
      expect(await clientOf('m1').images.find(before)).toBeUndefined()
      expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 })
    })

    test('while a member is down, images are brought but none is deleted or pruned, and each command names it', async () => {
      const fingerprint = await upload('kept', 'm1')
      const before = await aliased('x')
      const dead = cluster.members[2]
      if (dead === undefined) throw new Error('no third member')
      await dead.kill('SIGKILL')
      try {
        await untilOffline(clientOf('m1'), dead.name)
        const named = expect.stringContaining(`"${dead.name}" (${dead.url})`)
        expect(await run('list', 'm1:', '-c', 'F')).toMatchObject({
          code: 0,
          stdout: expect.stringContaining(fingerprint),
        })
        const doctor = await run('doctor', 'm1:')
        expect([doctor.code, doctor.stdout]).toEqual([1, named])
        const deleted = await run('delete', `m1:${fingerprint}`)
        expect([deleted.code, deleted.stderr]).toEqual([1, named])
        const unused = await run('unused', 'm1:')
        expect([unused.code, unused.stderr]).toEqual([1, named])
        const next = await writeImage('x', 'x3')
        const applied = await run('apply', '--yes')
        expect([applied.code, applied.stdout]).toEqual([0, named])
        expect(applied.stdout).toContain('Nothing is pruned on a: ')
        expect(await aliased('x')).toBe(next.fingerprint)
        expect(await clientOf('m1').images.find(before)).toBeDefined()
      } finally {
        await dead.start()
      }
      await untilOnline(clientOf('m1'), dead.name)
      expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
      expect(await clientOf('m1').images.find(before)).toBeUndefined()
    })
  })
}

const untilOffline = (client: Client, name: string): Promise<void> => untilState(client, name, 'offline')
const untilOnline = (client: Client, name: string): Promise<void> => untilState(client, name, 'online')

async function untilState(client: Client, name: string, state: string): Promise<void> {
  for (;;) {
    const cluster = await client.cluster()
    if (cluster.kind !== 'cluster') throw new Error(`no cluster, but ${cluster.kind}`)
    if (cluster.members.some((member) => member.name === name && member.state === state)) return
    await delay(100)
  }
}
