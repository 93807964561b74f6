import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DialectName, dialects } from '@hyperkit/embedded'
import { afterAll, describe, expect, test } from 'vitest'
import { type Counts, openCounted } from './counted-server.ts'
import { makeImage } from './make-image.ts'
import { reconcile } from './reconcile.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-counts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const versions = (Object.keys(dialects) as DialectName[]).filter((name) => /\d|main/.test(name))

describe.each(versions)('on an embedded %s', (dialect) => {
  test('a new image with an alias takes eight requests, and one that is in sync two', async () => {
    const { client, take } = openCounted({ dialect })
    const manifest = join(folder, `${dialect}.yaml`)
    const names: string[] = []
    /** The requests of an apply after this many images were added. */
    const applyWith = async (added: number): Promise<Counts> => {
      for (let each = 0; each < added; each++) {
        const name = `image${names.length}`
        makeImage(join(folder, `${dialect}-${name}.tar.gz`), `${dialect} ${name}`)
        names.push(name)
      }
      const images = names.map(
        (name) => `  - { name: ${name}, source: { file: ${join(folder, `${dialect}-${name}.tar.gz`)} } }\n`,
      )
      writeFileSync(
        manifest,
        `version: 1\nname: counts\nservers: { it: { url: "http://localhost" } }\nimages:\n${images.join('')}`,
      )
      take()
      expect(await reconcile(manifest, client, { lock: { timeout: 0 } })).toMatchObject({ status: 'done' })
      return take()
    }
    await applyWith(2)
    const idle = await applyWith(0)
    const one = await applyWith(1)
    const later = await applyWith(0)
    const inSync = difference(later, idle)
    expect(inSync).toEqual({ 'GET alias': 1, 'GET image': 1 })
    const three = await applyWith(3)
    // The one image before is in sync by then, and there are two more new ones.
    const perNew = halved(difference(difference(three, one), inSync))
    expect(perNew).toEqual({
      'GET alias': 1,
      'GET image': 3,
      'GET operations/id/wait?timeout=1': 1,
      'POST images': 1,
      'POST images/aliases': 1,
      'POST token': 1,
    })
    expect(sum(perNew)).toBe(8)
  })
})

function difference(many: Counts, few: Counts): Counts {
  const kinds = new Set([...Object.keys(many), ...Object.keys(few)])
  return Object.fromEntries(
    [...kinds]
      .map((kind) => [kind, (many[kind] ?? 0) - (few[kind] ?? 0)] as const)
      .filter(([, count]) => count !== 0),
  )
}

function halved(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).map(([kind, count]) => [kind, count / 2]))
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
