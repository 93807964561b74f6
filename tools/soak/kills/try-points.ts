import { type Client, isHyperkitError } from '@hyperkit/core'
import { releaseLock } from '@hyperkit/reconcile/parts'
import { type Job, owner } from './make-jobs.ts'
import type { Front } from './open-front.ts'
import type { Start } from './start-command.ts'

/** What killing a command at one point has led to. */
export interface Tried {
  /** Images without an owner after the kill. */
  left: number
  /** What was wrong after one more run; undefined if nothing was. */
  wrong: string | undefined
}

/** One moment at which a command is killed. */
export interface Point {
  job: Job
  /** The command is killed at this answer of the server. */
  answer: number
  /** Whether the daemon is killed too. */
  withDaemon: boolean
}

export interface Place {
  front: Front
  /** A client of the server behind the front. */
  client: Client
  start: Start
  restart(): Promise<void>
}

/** The points of all jobs: each is run once to count the answers that it gets. */
export async function listPoints(jobs: readonly Job[], place: Place): Promise<Point[]> {
  const points: Point[] = []
  for (const job of jobs) {
    await clean(place.client)
    await job.change('counted')
    const { code, stderr, answers } = await place.front.killAt(Number.POSITIVE_INFINITY, () =>
      place.start(job.program, job.args),
    )
    if (code !== 0) throw new Error(`${job.name} failed without being killed: ${stderr}`)
    for (let answer = 1; answer <= answers; answer++)
      points.push({ job, answer, withDaemon: false }, { job, answer, withDaemon: true })
  }
  return points
}

/** Kills a command at a point, changes its source, and runs it once more; then everything on the server must have an owner. */
export async function tryPoint({ job, answer, withDaemon }: Point, place: Place): Promise<Tried> {
  const { client, front, start, restart } = place
  await clean(client)
  await job.change(`${answer} one`)
  const run = (): ReturnType<Start> => start(job.program, job.args)
  await front.killAt(answer, run, withDaemon ? restart : undefined)
  for (const id of front.begun) await client.operations.wait(id, { timeout: 10_000 }).catch(() => undefined)
  const left = (await listUnowned(client)).length
  // Otherwise the next run waits for a minute, until the lock of the killed one has expired.
  await releaseLock(client, owner)
  // Nothing tells whose the token of another image is, so an import ends only those of its own image.
  if (job.program !== 'import') await job.change(`${answer} two`)
  const again = await run().ended
  const wrong = [
    ...(again.code === 0 ? [] : [`the next run failed: ${again.stderr}`]),
    ...(job.program === 'import' ? await findUnfinished(client) : []),
    ...(job.program === 'import' ? [] : (await listUnowned(client)).map((each) => `${each} has no owner`)),
    ...(await listTokens(client)).map((each) => `the token ${each} is left`),
  ]
  return { left, wrong: wrong.length === 0 ? undefined : wrong.join('; ') }
}

async function listUnowned(client: Client): Promise<string[]> {
  const images = await client.images.list()
  return images.flatMap(({ fingerprint, properties }) =>
    properties['hyperkit.manifest'] === owner ? [] : [fingerprint],
  )
}

async function listTokens(client: Client): Promise<string[]> {
  const operations = await client.operations.list()
  return operations.flatMap(({ id, class: kind, state }) =>
    kind === 'token' && state === 'running' ? [id] : [],
  )
}

async function findUnfinished(client: Client): Promise<string[]> {
  const alias = await client.aliases.find(owner)
  const image = alias && (await client.images.find(alias.target))
  return image?.properties.team === 'soak' ? [] : ['the imported image is not complete']
}

async function clean(client: Client): Promise<void> {
  for (const { fingerprint } of await client.images.list())
    await client.images.delete(fingerprint).catch((error: unknown) => {
      if (!isHyperkitError(error, 'not-found')) throw error
    })
  for (const id of await listTokens(client)) await client.operations.cancel(id).catch(() => undefined)
}
