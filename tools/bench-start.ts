// Measures how long commands take to start: `npm run bench:start [-- --rounds 20]`, as root, with LXD 5.0.2 installed. Both commands
// are installed from packed tarballs, as users install them, and run in turn with `lxc image list`, over the unix socket of one real LXD.
// The exit code is 1 if a limit is passed. Times depend on the machine's load, so run nothing else meanwhile.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ServerAbsentError, startServer } from '@hyperkit/conformance'
import { formatGoals, median } from './bench/judge.ts'
import { runMeasured } from './bench/run-measured.ts'
import { installCommands } from './bench-start/install-commands.ts'
import { judgeStarts } from './bench-start/judge-starts.ts'
import { listStarts } from './bench-start/list-starts.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })
const root = fileURLToPath(new URL('..', import.meta.url))

const server = await startServer('lxd').catch((error: unknown) => {
  if (!(error instanceof ServerAbsentError)) throw error
  console.error(`Cannot measure: ${error.message}`)
  process.exit(1)
})
const home = await mkdtemp(join(tmpdir(), 'hk-start-'))
try {
  const environment = {
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    LXD_CONF: join(home, 'lxc'),
    LXD_SOCKET: server.describe().socket,
  }
  const starts = listStarts(root, installCommands(root, home))
  const times = new Map(starts.map(({ name }) => [name, [] as number[]]))
  // The first two rounds are not counted: they fill the disk's caches and Node's, and lxc writes its configuration.
  for (let round = -1; round <= Number(values.rounds); round++) {
    for (const { name, command, args } of starts) {
      const { milliseconds } = await runMeasured(command, args, environment)
      if (round > 0) times.get(name)?.push(milliseconds)
    }
  }
  const medians = new Map([...times].map(([name, all]) => [name, median(all)]))
  const lxc = medians.get('lxc image list') ?? Number.NaN
  for (const [name, found] of medians)
    console.log(
      `${name.padEnd(40)} median ${found.toFixed(1).padStart(6)} ms, ${(found / lxc).toFixed(2).padStart(5)} x lxc`,
    )
  const goals = judgeStarts(medians)
  console.log(formatGoals(goals))
  if (goals.some(({ holds }) => !holds)) process.exitCode = 1
} finally {
  await server.stop()
  await rm(home, { recursive: true, force: true })
}
