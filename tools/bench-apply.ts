// Measures `apply` of many small images and `plan` of images that are in sync, in turn with the server's own client over the same unix
// socket: `npm run bench:apply [-- --rounds 5] [--only lxd,incus] [--images 60]`, as root, with real daemons. The exit code is 1 if a goal is
// missed. Times depend on the machine's load, so only the ratios of one run count; run nothing else meanwhile.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeImage, startServer } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { formatGoals, type Goal, median } from './bench/judge.ts'
import { type ApplyContender, type ApplyScene, findApplies, findClients } from './bench-apply/contenders.ts'
import { writeManifest } from './scale/make-images.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    images: { type: 'string', default: '60' },
    only: { type: 'string', default: 'lxd,incus' },
  },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const mebibyte = 1024 * 1024

for (const kind of values.only.split(',')) {
  if (kind !== 'lxd' && kind !== 'incus') throw new Error(`Cannot measure "${kind}": expected lxd or incus`)
  const goals = await measure(kind)
  console.log(`${formatGoals(goals)}\n`)
  if (goals.some(({ holds }) => !holds)) process.exitCode = 1
}

async function measure(kind: 'lxd' | 'incus'): Promise<Goal[]> {
  const server = await startServer(kind)
  const directory = await mkdtemp(join(tmpdir(), 'hk-bench-apply-'))
  try {
    const { socket, version } = server.describe()
    const client = createClient({ transport: await createTransport({ socket }) })
    const few = await prepare(directory, socket, Number(values.images))
    const scene = { kind, server, directory, ...few }
    const bringing = [...findClients(scene), ...(await findApplies(root, scene))]
    const brought = await play(bringing.filter(isOf('bring')), () => forgetAll(client))
    await forgetAll(client)
    const many = await prepare(join(directory, 'many'), socket, 100)
    const looking = [
      ...findClients({ ...scene, ...many }),
      ...(await findApplies(root, { directory, ...many })),
    ]
    await looking.find(({ name }) => name === 'apply on bun')?.run()
    const looked = await play(looking.filter(isOf('look')), async () => {})
    client.close()
    console.log(`${version}: ${values.images} images of 1 MiB, and a look at 100, ${values.rounds} rounds`)
    for (const [name, time] of [...brought, ...looked])
      console.log(`${name.padEnd(34)} ${time.toFixed(0)} ms`)
    return judge(brought, looked)
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

function isOf(task: ApplyContender['task']): (contender: ApplyContender) => boolean {
  return (contender) => contender.task === task
}

/** Image files of 1 MiB each, and a manifest of them. */
async function prepare(
  directory: string,
  socket: string,
  count: number,
): Promise<Pick<ApplyScene, 'images' | 'manifest'>> {
  const images = join(directory, 'images')
  await mkdir(images, { recursive: true })
  const made = []
  for (let number = 0; number < count; number++) {
    const name = `bench-${String(number).padStart(3, '0')}`
    const { path } = await makeImage({ directory: images, name, size: mebibyte, compression: 'none' })
    made.push({ name, path })
  }
  const servers = new Map([['it', `{ socket: ${JSON.stringify(socket)} }`]])
  return { images, manifest: await writeManifest(directory, servers, made) }
}

/** The median time of each contender, which run in turn; the first round fills caches and is not counted. */
async function play(contenders: ApplyContender[], before: () => Promise<void>): Promise<Map<string, number>> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [place] of contenders.entries()) {
      // The order changes each round, so that no contender always runs after the same other one.
      const contender = contenders[(place + round) % contenders.length]
      if (contender === undefined) continue
      const { milliseconds } = await runWhole(contender, before)
      if (round > 0) times.get(contender.name)?.push(milliseconds)
      console.error(`${contender.name}: ${milliseconds.toFixed(0)} ms`)
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]))
}

/** Runs a contender again if it was given up, since that says nothing of its speed. */
async function runWhole(
  { name, run }: ApplyContender,
  before: () => Promise<void>,
): Promise<{ milliseconds: number }> {
  for (let left = 4; ; left--) {
    await before()
    try {
      return await run()
    } catch (error) {
      if (left === 0 || !String(error).includes('timeout ended with 124')) throw error
      console.error(`${name}: was given up, and is run again`)
    }
  }
}

async function forgetAll(client: Client): Promise<void> {
  const queue = (await client.images.fingerprints()).values()
  const work = async (): Promise<void> => {
    for (const fingerprint of queue) await client.images.delete(fingerprint)
  }
  await Promise.all(Array.from({ length: 4 }, work))
}

function judge(brought: ReadonlyMap<string, number>, looked: ReadonlyMap<string, number>): Goal[] {
  const goal = (times: ReadonlyMap<string, number>, ours: string, beside: RegExp, limit: number): Goal => {
    const [other, time] = [...times].find(([name]) => beside.test(name)) ?? ['', Number.NaN]
    const ratio = (times.get(ours) ?? Number.NaN) / time
    return { text: `${ours} / ${other} <= ${limit}`, measured: ratio.toFixed(2), holds: ratio <= limit }
  }
  return ['bun', 'node'].flatMap((runtime) => [
    goal(brought, `apply on ${runtime}`, /^a loop/, 0.65),
    goal(brought, `apply on ${runtime}`, /^xargs/, 1),
    goal(looked, `plan on ${runtime}`, /image list$/, 1.5),
  ])
}
