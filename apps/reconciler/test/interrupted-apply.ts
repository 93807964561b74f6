import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { expect } from 'vitest'
import { pointsApart } from './interruption-targets.ts'
import { makeImage } from './make-image.ts'
import type { Front, Interruption } from './open-front.ts'
import { reconcile } from './reconcile.ts'
import { startCommand } from './start-command.ts'

/** One image in two versions, and applies that are interrupted at one point after the other. */
export interface InterruptedApply {
  /** Tries points of a first apply, then of a swap with pruning; returns how many answers came before the last of them. */
  tryPoints(interrupt: (answers: number) => Interruption): Promise<{ fresh: number; swapped: number }>
  /** Tries points of a swap with pruning; returns how many answers came before the last of them. */
  trySwap(interrupt: (answers: number) => Interruption, apart?: number): Promise<number>
  clean(): Promise<void>
}

export async function prepareInterruptedApply(
  folder: string,
  front: Pick<Front, 'yaml' | 'client' | 'second'>,
): Promise<InterruptedApply> {
  // Names and contents of this test alone, because other tests may use a real server at the same time.
  const id = `k${randomUUID().slice(0, 8)}`
  const names = [id, `${id}/lts`]
  const file = join(folder, `${id}.tar.gz`)
  const manifest = join(folder, `${id}.yaml`)
  const versions: string[] = []
  for (const content of ['one', 'two']) {
    makeImage(file, `${id} ${content}`)
    versions.push((await fingerprintOf(file)).fingerprint)
  }
  const { client } = front.second

  const write = (content: string): void => {
    makeImage(file, `${id} ${content}`)
    writeFileSync(
      manifest,
      `version: 1\nname: ${id}\nservers: { it: ${front.yaml} }\nimages:\n` +
        `  - name: ${id}\n    source: { file: ${file} }\n    aliases: [{ name: ${id}/lts, description: The LTS }]\n` +
        `    public: true\n    properties: { content: ${content} }\n    propertiesMode: exact\n    autoUpdate: true\n    expiresAt: 2030-01-01\n    keep: 1\nprune: {}\n`,
    )
  }
  /** In this process, because starting another one takes long. */
  const again = () => reconcile(manifest, front.client)
  /** The images of this test, with and without a mark. */
  const left = async (): Promise<Image[]> =>
    (await client.images.list()).filter(
      ({ fingerprint, properties, aliases }) =>
        versions.includes(fingerprint) ||
        properties['hyperkit.manifest'] === id ||
        aliases.some(({ name }) => name.startsWith(id)),
    )
  const clean = async (): Promise<void> => {
    for (const { fingerprint } of await left()) await client.images.delete(fingerprint)
  }
  const stateNow = async (): Promise<string> => JSON.stringify((await left()).map(stateOf))

  const expectedState = async (): Promise<string> => {
    write('two')
    expect(await again()).toMatchObject({ status: 'done' })
    const expected = (await left()).map(stateOf)
    // The properties of the archive are gone.
    expect(Object.keys(expected[0]?.properties ?? {}).sort()).toEqual([
      'content',
      'hyperkit.image',
      'hyperkit.manifest',
    ])
    expect(expected).toMatchObject([
      {
        fingerprint: versions[1],
        public: true,
        autoUpdate: true,
        properties: { content: 'two', 'hyperkit.manifest': id, 'hyperkit.image': id },
        aliases: [
          { name: id, description: `[hyperkit: ${id}]` },
          { name: `${id}/lts`, description: `The LTS [hyperkit: ${id}]` },
        ],
      },
    ])
    return stateNow()
  }

  const checkAliases = async (answers: number, mustBeThere: boolean): Promise<void> => {
    for (const name of names) {
      const alias = await client.aliases.find(name)
      if (mustBeThere) expect(alias, `alias after ${answers} answers`).toBeDefined()
      if (alias === undefined) continue
      expect(versions).toContain(alias.target)
      expect(await client.images.find(alias.target)).toBeDefined()
    }
  }

  /** Starts with no image or with the version before, and applies version two; returns the number of answers that this takes. */
  const tryFrom = async (
    before: string | undefined,
    expected: string,
    interrupt: (answers: number) => Interruption,
    apart = pointsApart,
  ): Promise<number> => {
    for (let answers = 1; ; answers += apart) {
      await clean()
      if (before !== undefined) {
        write(before)
        expect(await again()).toMatchObject({ status: 'done' })
      }
      write('two')
      const interruption = interrupt(answers)
      const started = await startCommand(['apply', '--yes', manifest], { cwd: folder })
      interruption.watch(started)
      const { code, stderr } = await started.ended
      const happened = await interruption.happened()
      await checkAliases(answers, before !== undefined)
      if (!happened) expect([code, stderr]).toMatchObject([0, expect.anything()])
      // If the run reported success, the state is right without another run.
      if (code === 0) expect([answers, await stateNow()]).toEqual([answers, expected])
      expect([answers, await again()]).toMatchObject([answers, { status: 'done' }])
      expect([answers, await stateNow()]).toEqual([answers, expected])
      expect([answers, (await again()).results]).toEqual([answers, []])
      if (!happened) return answers - 1
    }
  }

  return {
    async tryPoints(interrupt) {
      const expected = await expectedState()
      const fresh = await tryFrom(undefined, expected, interrupt)
      return { fresh, swapped: await tryFrom('one', expected, interrupt) }
    },
    trySwap: async (interrupt, apart) => tryFrom('one', await expectedState(), interrupt, apart),
    clean,
  }
}

function stateOf({ fingerprint, properties, public: isPublic, autoUpdate, expiresAt, aliases }: Image) {
  return {
    fingerprint,
    properties,
    public: isPublic,
    autoUpdate,
    expiresAt,
    // The lock of an interrupted run stays for another minute; it is not an alias of the image.
    aliases: aliases
      .filter(({ name }) => !name.startsWith('hyperkit.lock/'))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}
