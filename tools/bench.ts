// Compares time and memory of bulk transfers with the server's own client and curl, on real servers, each run in its own process:
// `npm run bench -- [--server incus-7.0] [--over https|socket] [--client PATH] [--size MiB] [--rounds 5] [--tasks upload,save]
// [--by node,incus] [--all-nodes]`, as root. The exit code is 1 if a goal is missed. Times depend on the machine's load; ratios are
// those of runs that follow each other.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeImage, type RunningServer, ServerAbsentError, startServer } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { makeCurl, makeOwnClient } from './bench/clients.ts'
import { type Contender, findOurs } from './bench/contenders.ts'
import { formatGoals, formatResults, judge, type Results, type Task, tasks } from './bench/judge.ts'
import { runMeasured } from './bench/run-measured.ts'
import { warmMemory } from './bench/warm-memory.ts'
import type { Server, Work } from './bench/work.ts'

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'lxd' },
    over: { type: 'string', default: 'https' },
    client: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '512' },
    tasks: { type: 'string', default: tasks.join() },
    by: { type: 'string' },
    'all-nodes': { type: 'boolean', default: false },
  },
})
const [rounds, mebibytes] = [Number(values.rounds), Number(values.size)]
const wanted = tasks.filter((task) => values.tasks.split(',').includes(task))
const simultaneous = 4

const servers: RunningServer[] = []
const directory = await mkdtemp(join(tmpdir(), 'hk-bench-'))
try {
  const name = values.server as Parameters<typeof startServer>[0]
  servers.push(await startServer(name))
  if (wanted.includes('copy')) servers.push(await startServer(name))
  await compare(servers)
} catch (error) {
  if (!(error instanceof ServerAbsentError)) throw error
  console.error(`Cannot measure: ${error.message}`)
  process.exitCode = 1
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await rm(directory, { recursive: true, force: true })
}

async function compare([running, second = running]: readonly (RunningServer | undefined)[]): Promise<void> {
  if (running === undefined || second === undefined) return
  const [server, target] = [reach(running), reach(second)]
  const [client, other] = [await open(server), await open(target)]
  const image = await make('bench', mebibytes, 'none')
  const packed = await make('packed', Math.max(1, mebibytes / 4), 'gzip')
  const ours = await findOurs(resolve(import.meta.dirname, '..'), directory, values['all-nodes'])
  const own = running.dialect === 'lxd' ? 'lxc' : 'incus'
  const program = values.client ?? programOf(running)
  const state = join(running.directory, 'state')
  const theirs = [
    await makeOwnClient({ name: own, program, state }, { source: server, target }, directory),
    await makeCurl(server, directory),
  ]
  const named = values.by?.split(',')
  const all = [...ours, ...theirs].filter((one) => named === undefined || named.includes(one.name))
  const results: Results = new Map(tasks.map((task) => [task, new Map(all.map((one) => [one.name, []]))]))
  const saved = Array.from({ length: simultaneous }, (_, index) => join(directory, `saved-${index}.tar`))
  const { path, fingerprint } = image

  const measure = async (
    task: Task,
    contender: Contender,
    work: Pick<Work, 'kind' | 'paths'> & Partial<Work>,
  ): Promise<void> => {
    await warmMemory(saved[0] ?? '', work.paths.length * 1.25 * mebibytes * 1024 * 1024)
    // Otherwise this run would pay for writing the data of the run before to the disk.
    await runMeasured('sync', [])
    const run = await contender.run({ server, target, fingerprint, ...work })
    if (run !== undefined) {
      results.get(task)?.get(contender.name)?.push(run)
      console.error(`${task} by ${contender.name}: ${(run.milliseconds / 1000).toFixed(2)} s`)
    }
    await Promise.all(saved.map((one) => rm(one, { force: true })))
  }
  const works: Record<Task, (contender: Contender, round: number) => Promise<void>> = {
    upload: async (contender) => {
      await forget(client, fingerprint)
      await measure('upload', contender, { kind: 'upload', paths: [path] })
    },
    save: (contender) => measure('save', contender, { kind: 'save', paths: saved.slice(0, 1) }),
    'save 4': (contender) => measure('save 4', contender, { kind: 'save', paths: saved }),
    copy: async (contender) => {
      await forget(other, fingerprint)
      await measure('copy', contender, { kind: 'copy', paths: [path] })
    },
    'upload again': (contender) => measure('upload again', contender, { kind: 'upload', paths: [path] }),
    hash: (contender, round) => hash('hash', contender, round),
    'hash again': (contender, round) => hash('hash again', contender, round),
  }
  const hash = (task: Task, contender: Contender, round: number): Promise<void> => {
    const cache = join(directory, `cache-${contender.name}-${round}`)
    return measure(task, contender, {
      kind: 'hash',
      paths: [packed.path],
      fingerprint: packed.fingerprint,
      cache,
    })
  }

  for (let round = 0; round < rounds; round++) {
    // The order changes each round, so that no contender always runs after the same other one.
    const order = all.map((_, index) => all[(index + round) % all.length] as Contender)
    for (const task of wanted) {
      // The clients of the servers would send it again, and refuse to.
      const taking = task === 'upload again' ? order.filter((one) => ours.includes(one)) : order
      if (task !== 'upload' && !(await client.images.find(fingerprint))) await uploadImage(client, path)
      for (const contender of taking) await works[task](contender, round)
    }
  }

  const goals = judge(results, own)
  const head = `${running.version} over ${values.over}, ${mebibytes} MiB, ${rounds} rounds`
  console.log(`${head}\n\n${formatResults(results, own)}\n\n${formatGoals(goals)}`)
  if (goals.some(({ holds }) => !holds)) process.exitCode = 1
}

function make(name: string, size: number, compression: 'none' | 'gzip'): ReturnType<typeof makeImage> {
  return makeImage({ directory, name, size: size * 1024 * 1024, compression })
}

function reach(running: RunningServer): Server {
  const { url, serverCertificate, clientCertificate, socket } = running.describe()
  return { url, serverCertificate, clientCertificate, ...(values.over === 'socket' ? { socket } : {}) }
}

async function open({ url, serverCertificate, clientCertificate }: Server): Promise<Client> {
  return createClient({ transport: await createTransport({ url, serverCertificate, clientCertificate }) })
}

/** The client of the same package as the daemon. */
function programOf({ version, dialect }: RunningServer): string {
  const folder = '/var/lib/hyperkit/bin'
  if (version === 'lxd-5.0.3') return join(folder, 'lxc-5.0.3')
  if (version === 'incus-7.0') return join(folder, 'incus-7.0')
  return dialect === 'lxd' ? 'lxc' : 'incus'
}

async function forget(client: Client, fingerprint: string): Promise<void> {
  if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
}
