import { describe, expect, test } from 'vitest'
import type { ServerReport } from '../documents/apply-report.ts'
import type { RolloutReport } from '../documents/rollout.ts'
import { createWaves, type RolloutOptions } from './create-waves.ts'

const fleet = [
  { wave: 1, servers: ['a'] },
  { wave: 2, servers: ['b', 'c'] },
  { wave: 3, servers: ['d'] },
]
const shell = (script: string): string[] => ['/bin/sh', '-c', script]
const change = {
  change: {
    action: 'create-alias',
    image: 'noble',
    fingerprint: '1'.repeat(64),
    alias: 'noble',
    after: { target: '1'.repeat(64), description: '' },
  },
  outcome: 'done',
} as const

interface Outcome {
  /** `a done`, `b paused: …`, in the order in which they happened. */
  steps: string[]
  rollout: RolloutReport
  /** Why a server has not passed the check of its wave. */
  unchecked(server: string): Promise<string | undefined>
}

interface Servers {
  /** Those that fail. */
  failing?: string[]
  /** Those that are in sync, which do not ask to begin. */
  unchanged?: string[]
  /** The code of the failures. */
  code?: string
}

/**
 * Runs a fleet through its waves.
 */
async function run(
  options: Partial<RolloutOptions>,
  { failing = [], unchanged = [], code = 'unreachable' }: Servers = {},
  controller = new AbortController(),
): Promise<Outcome> {
  const steps: string[] = []
  const ends = new Map<string, (report: ServerReport) => void>()
  const all = fleet.flatMap(({ servers }) => servers)
  const reports = new Map(
    all.map((name) => [name, new Promise<ServerReport>((resolve) => ends.set(name, resolve))]),
  )
  const waves = createWaves(
    fleet,
    { checkTimeout: 60_000, pauseOnFailure: true, onNote: (text) => steps.push(text), ...options },
    {
      manifest: 'base',
      signal: controller.signal,
      phases: {
        reports: (names) => Promise.all(names.flatMap((name) => reports.get(name) ?? [])),
        isReadyToPrune: () => true,
        before: async () => ({ names: [], same: [], copiers: [] }),
        end: () => undefined,
      },
    },
  )
  const servers = await Promise.all(
    all.map(async (name): Promise<ServerReport> => {
      const report = await work(name)
      ends.get(name)?.(report)
      return report
    }),
  )
  return {
    steps,
    rollout: await waves.end(servers),
    unchecked: async (server) => (await waves.checked(server))?.message,
  }

  async function work(name: string): Promise<ServerReport> {
    if (unchanged.includes(name)) return { name, status: 'done', results: [] }
    const paused = await waves.begin(name)
    steps.push(`${name}: ${paused?.message ?? 'begins'}`)
    if (paused !== undefined)
      return { name, status: paused.code === 'paused' ? 'waiting' : 'interrupted', results: [] }
    const error = { code, message: `cannot reach ${name}` }
    if (failing.includes(name)) return { name, status: 'failed', error, results: [] }
    return { name, status: 'done', results: [change] }
  }
}

describe('waves', () => {
  test('each begins when the one before is done and has passed its check, and the last is checked too', async () => {
    const { steps, rollout } = await run({ check: ['/bin/true'] })
    expect(steps).toEqual([
      'a: begins',
      'Wave 1: checking a with /bin/true',
      'Wave 2 begins: b, c',
      'b: begins',
      'c: begins',
      'Wave 2: checking b, c with /bin/true',
      'Wave 3 begins: d',
      'd: begins',
      'Wave 3: checking d with /bin/true',
    ])
    expect(rollout).toEqual({ waves: fleet.map((wave) => ({ ...wave, state: 'done' })) })
  })

  test('that are in sync are checked before the next one begins, and not if nothing begins', async () => {
    const { steps } = await run({ check: ['/bin/true'] }, { unchanged: ['a', 'b', 'c'] })
    expect(steps).toEqual([
      'Wave 1: checking a with /bin/true',
      'Wave 2: checking b, c with /bin/true',
      'Wave 3 begins: d',
      'd: begins',
      'Wave 3: checking d with /bin/true',
    ])
    expect((await run({ check: ['/bin/false'] }, { unchanged: ['a', 'b', 'c', 'd'] })).steps).toEqual([])
  })

  test('after a failed check wait, and the report names the wave and the last line of the check', async () => {
    const check = shell(
      'echo "wave $HYPERKIT_WAVE of $HYPERKIT_MANIFEST:" $HYPERKIT_WAVE_SERVERS; test $HYPERKIT_WAVE = 1',
    )
    const { steps, rollout } = await run({ check })
    const why = 'the check exited with 1: "wave 2 of base: b c"'
    expect(steps.at(-1)).toBe(`d: not started: the rollout is paused after wave 2: ${why}`)
    expect(rollout).toEqual({
      paused: 2,
      waves: [
        { ...fleet[0], state: 'done' },
        { ...fleet[1], state: 'failed', error: { code: 'check-failed', message: why } },
        { ...fleet[2], state: 'waiting' },
      ],
    })
  })

  test('after a failed server wait, and that wave is not checked', async () => {
    const { steps, rollout } = await run({ check: ['/bin/true'] }, { failing: ['b'] })
    const why = '"b" failed: cannot reach b'
    expect(steps.slice(-1)).toEqual([`d: not started: the rollout is paused after wave 2: ${why}`])
    expect(rollout.paused).toBe(2)
    expect(rollout.waves[1]).toMatchObject({ state: 'failed', error: { code: 'unreachable', message: why } })
  })

  test('whose check failed or did not run have not passed it, nor has a failed server of a wave that was passed', async () => {
    const failed = await run({ check: ['/bin/false'] })
    expect(await failed.unchecked('a')).toBe('the check exited with 1')
    const why = '"b" failed: cannot reach b'
    const paused = await run({ check: ['/bin/true'] }, { failing: ['b'] })
    expect(await Promise.all(['a', 'b', 'c'].map(paused.unchecked))).toEqual([undefined, why, why])
    const passed = await run({ check: ['/bin/true'], resume: true }, { failing: ['b'] })
    expect(await Promise.all(['a', 'b', 'c'].map(passed.unchecked))).toEqual([undefined, why, undefined])
    const free = await run({}, { failing: ['b'] })
    expect(await free.unchecked('c')).toBeUndefined()
  })

  test('treat a transfer that broke off as a failed server, although its code is `interrupted`', async () => {
    const broken = { failing: ['b'], code: 'interrupted' }
    expect((await run({}, broken)).rollout).toMatchObject({
      paused: 2,
      waves: [{ state: 'done' }, { state: 'failed' }, { state: 'waiting' }],
    })
    for (const options of [{ resume: true }, { pauseOnFailure: false }])
      expect((await run(options, broken)).rollout.waves.map(({ state }) => state)).toEqual([
        'done',
        'failed',
        'done',
      ])
  })

  test('go on after one failure with `resume`, and stop at the next', async () => {
    const check = shell('test $HYPERKIT_WAVE = 1')
    const one = await run({ check, resume: true })
    expect(one.rollout.paused).toBeUndefined()
    expect(one.rollout.waves.map(({ state, passed }) => [state, passed])).toEqual([
      ['done', undefined],
      ['failed', true],
      ['failed', undefined],
    ])
    const both = await run({ check, resume: true }, { failing: ['c'] })
    expect(both.steps).toContain('Wave 2: checking b with /bin/sh')
    expect(both.rollout).toMatchObject({
      paused: 2,
      waves: [{}, { error: { message: expect.stringContaining('; the check exited with 1') } }, {}],
    })
    expect((await run({ resume: true }, { failing: ['b', 'c'] })).rollout.paused).toBe(2)
    expect((await run({ resume: true }, { failing: ['b'] })).rollout.paused).toBeUndefined()
  })

  test('go on after every failure with `pauseOnFailure: false`', async () => {
    const { rollout } = await run({ check: ['/bin/false'], pauseOnFailure: false }, { failing: ['a', 'c'] })
    expect(rollout.paused).toBeUndefined()
    expect(rollout.waves.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
  })

  test('wait if the check cannot be started, or does not end in time', async () => {
    const missing = await run({ check: ['/no/such/check'] })
    expect(missing.rollout.waves[0]?.error?.message).toMatch(/^the check could not be started: .*ENOENT/)
    const late = await run({ check: shell('sleep 600'), checkTimeout: 50 })
    expect(late.rollout.waves[0]?.error?.message).toBe('the check did not exit within 0.05 s and was stopped')
  })

  test('end at once when the run is aborted during a check', async () => {
    const controller = new AbortController()
    const { rollout } = await run(
      { check: shell('sleep 600'), onNote: () => setTimeout(() => controller.abort(), 20) },
      {},
      controller,
    )
    expect(rollout.paused).toBeUndefined()
    expect(rollout.waves.map(({ state }) => state)).toEqual(['interrupted', 'interrupted', 'interrupted'])
  })
})
