import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WaveSize } from '../manifest/rollout.ts'
import { type SortedServer, sortIntoWaves } from './sort-into-waves.ts'

const names = (count: number): SortedServer[] =>
  Array.from({ length: count }, (_, index) => ({ name: `s${index + 1}` }))
const sizes = (count: number, waves: WaveSize[]): number[] =>
  sortIntoWaves(names(count), { waves }).map(({ length }) => length)

describe('servers are sorted into waves', () => {
  test.each<[number, WaveSize[], number[]]>([
    [20, [1, '10%', 'rest'], [1, 2, 17]],
    [21, [1, '10%', 'rest'], [1, 3, 17]],
    [3, ['1%', '1%', 'rest'], [1, 1, 1]],
    [2, [1, '10%', 'rest'], [1, 1]],
    [1, [5, 'rest'], [1]],
    [0, [1, 'rest'], []],
    [4, ['rest'], [4]],
  ])('%d servers in waves of %j make %j', (count, waves, expected) => {
    expect(sizes(count, waves)).toEqual(expected)
  })

  test('servers with one value of a label stay together, and so do those without it', () => {
    const labelled = [
      { name: 'a', labels: { site: 'berlin' } },
      { name: 'b' },
      { name: 'c', labels: { site: 'paris', tier: 'edge' } },
      { name: 'd', labels: { site: 'berlin' } },
      { name: 'e', labels: { tier: 'edge' } },
    ]
    expect(sortIntoWaves(labelled, { waves: [1, 1, 'rest'], by: 'site' })).toEqual([
      ['a', 'd'],
      ['b', 'e'],
      ['c'],
    ])
  })
})

const size = fc.oneof(
  fc.integer({ min: 1, max: 30 }),
  fc.integer({ min: 1, max: 100 }).map((percent): WaveSize => `${percent}%`),
)
const waves = fc.array(size, { maxLength: 5 }).map((some): WaveSize[] => [...some, 'rest'])
const fleet = fc
  .array(fc.option(fc.constantFrom('berlin', 'paris', 'rome', 'oslo'), { nil: undefined }), { maxLength: 60 })
  .map((sites) =>
    sites.map(
      (site, index): SortedServer =>
        site === undefined ? { name: `s${index}` } : { name: `s${index}`, labels: { site } },
    ),
  )

describe('whatever the sizes', () => {
  test('each server is in one wave, no wave is empty, and without a label their order is that of the manifest', () => {
    fc.assert(
      fc.property(fleet, waves, (servers, given) => {
        const sorted = sortIntoWaves(servers, { waves: given })
        expect(sorted.flat()).toEqual(servers.map(({ name }) => name))
        expect(sorted.every(({ length }) => length > 0)).toBe(true)
        expect(sorted.length).toBeLessThanOrEqual(given.length)
      }),
    )
  })

  test('a wave that is not the last has exactly the size that it was given', () => {
    fc.assert(
      fc.property(fleet, waves, (servers, given) => {
        const sorted = sortIntoWaves(servers, { waves: given })
        for (const [index, wave] of sorted.slice(0, -1).entries()) {
          const wanted = given[index]
          const count =
            typeof wanted === 'string' ? (servers.length * Number.parseInt(wanted, 10)) / 100 : Number(wanted)
          expect(wave.length).toBeGreaterThanOrEqual(Math.max(1, count))
          expect(wave.length).toBeLessThan(Math.max(1, count) + 1)
        }
      }),
    )
  })

  test('no value of a label has servers in two waves, and no server is left out', () => {
    fc.assert(
      fc.property(fleet, waves, (servers, given) => {
        const sorted = sortIntoWaves(servers, { waves: given, by: 'site' })
        expect(sorted.flat().sort()).toEqual(servers.map(({ name }) => name).sort())
        const sites = sorted.map(
          (wave) =>
            new Set(wave.map((name) => servers.find((server) => server.name === name)?.labels?.site ?? '')),
        )
        const all = sites.flatMap((each) => [...each])
        expect(new Set(all).size).toBe(all.length)
      }),
    )
  })
})
