// Compares memory and speed of upload and save with curl and lxc, on a real LXD over HTTPS, each run in its own
// process: `bun --conditions=@hyperkit/source run tools/bench.ts [--rounds 5] [--size MiB]`, as root.
// The exit code is 1 if a goal is missed. Times depend on the machine's load, so run nothing else meanwhile.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeImage, ServerAbsentError, startServer } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { type Contender, findOurs, makeCurl, makeLxc } from './bench/contenders.ts'
import { formatGoals, formatResults, judge, type Results, type Task, tasks } from './bench/judge.ts'
import { runMeasured } from './bench/run-measured.ts'
import { warmMemory } from './bench/warm-memory.ts'
import type { Work } from './bench/work.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, size: { type: 'string', default: '1024' } },
})
const [rounds, mebibytes] = [Number(values.rounds), Number(values.size)]

const server = await startServer('lxd').catch((error: unknown) => {
  if (!(error instanceof ServerAbsentError)) throw error
  console.error(`Cannot measure: ${error.message}`)
  process.exit(1)
})
const directory = await mkdtemp(join(tmpdir(), 'hk-bench-'))
try {
  const { url, serverCertificate, clientCertificate } = server.describe()
  const reached = { url, serverCertificate, clientCertificate }
  const client = createClient({ transport: await createTransport(reached) })
  const image = await makeImage({
    directory,
    name: 'bench',
    size: mebibytes * 1024 * 1024,
    compression: 'none',
  })
  const ours = await findOurs(resolve(import.meta.dirname, '..'), directory)
  const all = [...ours, await makeCurl(reached, directory), await makeLxc(reached, directory)]
  const packed = await makeImage({
    directory,
    name: 'packed',
    size: (mebibytes / 4) * 1024 * 1024,
    compression: 'gzip',
  })
  const results: Results = new Map(tasks.map((task) => [task, new Map(all.map(({ name }) => [name, []]))]))
  const saved = join(directory, 'saved.tar')
  const { path, fingerprint } = image
  const measure = async (
    task: Task,
    contender: Contender,
    work: Pick<Work, 'kind' | 'path'> & Partial<Work>,
  ): Promise<void> => {
    await warmMemory(saved, 1.25 * mebibytes * 1024 * 1024)
    // Otherwise this run would pay for writing the data of the run before to the disk.
    await runMeasured('sync', [])
    const run = await contender.run({ server: reached, fingerprint, ...work })
    results.get(task)?.get(contender.name)?.push(run)
    await rm(saved, { force: true })
    console.error(`${task} by ${contender.name}: ${(run.milliseconds / 1000).toFixed(2)} s`)
  }

  for (let round = 0; round < rounds; round++) {
    // The order changes each round, so that no contender always runs after the same other one.
    const order = all.map((_, index) => all[(index + round) % all.length] ?? all[0]) as Contender[]
    for (const contender of order) {
      await forget(client, fingerprint)
      await measure('upload', contender, { kind: 'upload', path })
    }
    for (const contender of order) await measure('save', contender, { kind: 'save', path: saved })
    for (const contender of ours) await measure('upload again', contender, { kind: 'upload', path })
    for (const contender of ours) {
      const cache = join(directory, `cache-${contender.name}-${round}`)
      const work = { kind: 'hash', path: packed.path, fingerprint: packed.fingerprint, cache } as const
      await measure('hash', contender, work)
      await measure('hash again', contender, work)
    }
  }

  const goals = judge(results)
  console.log(`${mebibytes} MiB, ${rounds} rounds\n\n${formatResults(results)}\n\n${formatGoals(goals)}`)
  if (goals.some(({ holds }) => !holds)) process.exitCode = 1
} finally {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
}

async function forget(client: Client, fingerprint: string): Promise<void> {
  if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
}
