import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Image } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type Front, openFront } from './open-front.ts'
import { reconcile } from './reconcile.ts'
import { startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-killed-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const targets = (['embedded', 'real'] as const).flatMap((kind) =>
  (['lxd', 'incus'] as const).map((dialect) => [kind, dialect] as const),
)

describe.each(targets)('killed after every single answer of %s %s and run again', (kind, dialect) => {
  let front: Front | undefined
  // Its own names and contents, because a real server may have other guests.
  const id = `k${randomUUID().slice(0, 8)}`
  const names = [id, `${id}/lts`]
  const file = join(cwd, `${id}.tar.gz`)
  const versions: string[] = []

  beforeAll(async () => {
    front = await openFront(cwd, dialect, kind)
    for (const content of ['one', 'two']) {
      makeImage(file, `${id} ${content}`)
      versions.push((await fingerprintOf(file)).fingerprint)
    }
  })
  afterAll(async () => {
    for (const image of await left()) await front?.second.client.images.delete(image.fingerprint)
    await front?.close()
  })
  beforeEach((context) => {
    if (front === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })

  const open = (): Front => {
    if (front === undefined) throw new Error('no server')
    return front
  }
  const write = (content: string): void => {
    makeImage(file, `${id} ${content}`)
    writeFileSync(
      manifest,
      `version: 1\nname: ${id}\nservers: { it: ${open().yaml} }\nimages:\n` +
        `  - name: ${id}\n    source: { file: ${file} }\n    aliases: [{ name: ${id}/lts, description: The LTS }]\n` +
        `    public: true\n    properties: { content: ${content} }\n    expiresAt: 2030-01-01\n    keep: 1\nprune: {}\n`,
    )
  }
  const manifest = join(cwd, `${id}.yaml`)
  /** Not as a process of its own, which takes its time. */
  const again = () => reconcile(manifest, open().client)
  /** All of ours, marked or not. */
  async function left(): Promise<Image[]> {
    const images = (await front?.second.client.images.list()) ?? []
    return images.filter(
      ({ fingerprint, properties, aliases }) =>
        versions.includes(fingerprint) ||
        properties['hyperkit.manifest'] === id ||
        aliases.some(({ name }) => name.startsWith(id)),
    )
  }
  const stateOf = ({ fingerprint, properties, public: isPublic, expiresAt, aliases }: Image) => ({
    fingerprint,
    properties,
    public: isPublic,
    expiresAt,
    // The lock of the killed run counts for a minute more; it names no image.
    aliases: aliases
      .filter(({ name }) => !name.startsWith('hyperkit.lock/'))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  })

  async function killedAfter(answers: number): Promise<boolean> {
    const kill = open().killAfter(answers)
    const started = await startCommand(['apply', '--yes', manifest], { cwd })
    kill.watch(started)
    const { code } = await started.ended
    if (!kill.wasKilled()) expect(code).toBe(0)
    return kill.wasKilled()
  }

  /** From nothing, or from the version before, to version two; gives the number of answers that it takes. */
  async function everyPoint(before: string | undefined, expected: string): Promise<number> {
    for (let answers = 1; ; answers++) {
      for (const image of await left()) await open().second.client.images.delete(image.fingerprint)
      if (before !== undefined) {
        write(before)
        expect(await again()).toMatchObject({ status: 'done' })
      }
      write('two')
      const wasKilled = await killedAfter(answers)
      for (const name of names) {
        const alias = await open().second.client.aliases.find(name)
        if (before !== undefined) expect(alias, `alias after ${answers} answers`).toBeDefined()
        if (alias === undefined) continue
        expect(versions).toContain(alias.target)
        expect(await open().second.client.images.find(alias.target)).toBeDefined()
      }
      expect([answers, await again()]).toMatchObject([answers, { status: 'done' }])
      expect([answers, JSON.stringify((await left()).map(stateOf))]).toEqual([answers, expected])
      expect([answers, (await again()).results]).toEqual([answers, []])
      if (!wasKilled) return answers - 1
    }
  }

  const expectedState = async (): Promise<string> => {
    write('two')
    expect(await again()).toMatchObject({ status: 'done' })
    const state = (await left()).map(stateOf)
    expect(state).toMatchObject([
      {
        fingerprint: versions[1],
        public: true,
        properties: { content: 'two', 'hyperkit.manifest': id, 'hyperkit.image': id },
        aliases: [
          { name: id, description: `[hyperkit: ${id}]` },
          { name: `${id}/lts`, description: `The LTS [hyperkit: ${id}]` },
        ],
      },
    ])
    return JSON.stringify(state)
  }

  test('ends the same, with no orphan and no alias ever wrong', { timeout: 600_000 }, async () => {
    const expected = await expectedState()
    const fresh = await everyPoint(undefined, expected)
    const swapped = await everyPoint('one', expected)
    console.log(`${kind} ${dialect}: ${fresh} points of a first apply, ${swapped} of a swap with pruning`)
    expect(fresh).toBeGreaterThan(10)
    expect(swapped).toBeGreaterThan(10)
  })
})
