// Compares the time of `hyperkit list` on Bun with `lxc image list`, alternately, over the unix socket of one real LXD:
// `npm run bench:start [-- --rounds 20]`, as root, after `npm run build`. The exit code is 1 if the goal is missed.
// Times depend on the machine's load, so run nothing else meanwhile.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ServerAbsentError, startServer } from '@hyperkit/conformance'
import { formatGoals, median } from './bench/judge.ts'
import { runMeasured } from './bench/run-measured.ts'
import { findRuntimes } from './testing/runtimes.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })
const root = fileURLToPath(new URL('..', import.meta.url))
const limit = 3

const server = await startServer('lxd').catch((error: unknown) => {
  if (!(error instanceof ServerAbsentError)) throw error
  console.error(`Cannot measure: ${error.message}`)
  process.exit(1)
})
const home = await mkdtemp(join(tmpdir(), 'hk-start-'))
try {
  const environment = { HOME: home, LXD_CONF: join(home, 'lxc'), LXD_SOCKET: server.describe().socket }
  const bin = join(root, 'apps/runner/bin/hyperkit.js')
  const [node, , deno] = findRuntimes(root)
  const list = ['list', '--remote', 'lxc:local']
  const commands = {
    lxc: ['lxc', 'image', 'list'],
    // The program itself, because npm's link starts it through Node.
    bun: [process.execPath, bin, ...list],
    deno: [deno?.command ?? '', ...(deno?.before ?? []), bin, ...list],
    node: [node?.command ?? '', bin, ...list],
  }
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]))
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [name, [command = '', ...args]] of Object.entries(commands)) {
      const { milliseconds } = await runMeasured(command, args, environment)
      // The first round is not counted: it fills the disk's caches, and lxc writes its configuration.
      if (round > 0) times.get(name)?.push(milliseconds)
    }
  }
  const of = (name: string): number => median(times.get(name) ?? [])
  for (const [name, all] of times)
    console.log(`${name.padEnd(5)} median ${of(name).toFixed(1)} ms, least ${Math.min(...all).toFixed(1)} ms`)
  const found = of('bun') / of('lxc')
  const goal = {
    text: `hyperkit list on Bun / lxc image list <= ${limit}`,
    measured: found.toFixed(2),
    holds: found <= limit,
  }
  console.log(formatGoals([goal]))
  if (!goal.holds) process.exitCode = 1
} finally {
  await server.stop()
  await rm(home, { recursive: true, force: true })
}
