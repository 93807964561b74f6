// Measures commands with many images and many servers, each in its own process on Bun, with real daemons:
// `npm run bench:scale [-- --only plan,fleet,fan-out] [--rounds 3]`, as root. The exit code is 1 if a goal is missed.
// Times depend on the machine's load, so run nothing else meanwhile.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatGoals } from './bench/judge.ts'
import { fanOut } from './scale/fan-out.ts'
import type { ScaleResult } from './scale/format-run.ts'
import { planForFleet } from './scale/plan-for-fleet.ts'
import { planOnLxd } from './scale/plan-on-lxd.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'plan,fleet,fan-out' },
    rounds: { type: 'string', default: '3' },
  },
})
const benchmarks: Record<string, (directory: string, rounds: number) => Promise<ScaleResult>> = {
  plan: planOnLxd,
  fleet: planForFleet,
  'fan-out': fanOut,
}

for (const name of values.only.split(',')) {
  const run = benchmarks[name]
  if (run === undefined)
    throw new Error(`Cannot measure "${name}": expected one of ${Object.keys(benchmarks).join(', ')}`)
  const directory = await mkdtemp(join(tmpdir(), 'hk-scale-'))
  try {
    const { text, goals } = await run(directory, Number(values.rounds))
    console.log(`${text}\n${formatGoals(goals)}\n`)
    if (goals.some(({ holds }) => !holds)) process.exitCode = 1
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
