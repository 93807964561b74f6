import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type Transport } from '@hyperkit/core'
import { deletionLock } from '@hyperkit/core/parts'
import { createImageServer } from '@hyperkit/embedded'
import { fingerprintOf } from '@hyperkit/files'
import { loadManifest } from '@hyperkit/reconcile'
import {
  carryOutPlan,
  planChanges,
  planPruning,
  readObserved,
  resolveDesired,
} from '@hyperkit/reconcile/parts'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { outcomesOf } from './plan-and-apply.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-delete-lock-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const files = { old: join(cwd, 'old.tar.gz'), shared: join(cwd, 'shared.tar.gz') }
for (const [name, path] of Object.entries(files)) makeImage(path, name)
const { fingerprint: old } = await fingerprintOf(files.old)
const { fingerprint: shared } = await fingerprintOf(files.shared)

const write = (name: string, images: string): string => {
  const path = join(cwd, `${Math.random()}.yaml`)
  const servers = '{ it: { url: "https://127.0.0.1:1" } }'
  writeFileSync(
    path,
    `version: 1\nname: ${name}\nservers: ${servers}\nprune: { maxDelete: 5 }\nimages: [${images}]\n`,
  )
  return path
}
const entry = (name: string, file: string): string => `{ name: ${name}, source: { file: ${file} } }`
const manifests = {
  owning: write('pruning', entry('mine', files.shared)),
  pruning: write('pruning', '{ name: mine, state: absent }'),
  standing: write('moving', entry('web', files.old)),
  moving: write('moving', entry('web', files.shared)),
}

interface Hooks {
  /** Called before each request that comes after the plan, with its number. */
  before?(request: number): Promise<void>
  onWaiting?(): void
}

/** Plans a manifest and applies it under its lock. */
async function apply(path: string, transport: Transport, { before, onWaiting }: Hooks = {}) {
  let requests = 0
  const planning = createClient({ transport })
  const client: Client = createClient({
    transport: {
      ...transport,
      async fetch(input, init) {
        await before?.(++requests)
        return transport.fetch(input, init)
      },
    },
  })
  const { signal } = new AbortController()
  const desired = await resolveDesired(await loadManifest(path), {
    fingerprint: (given) => fingerprintOf(given.kind === 'unified' ? given.file : given),
  })
  const observed = await readObserved(desired, { open: async () => planning, versions: true })
  const changes = planChanges(desired, observed)
  const plan = planPruning(changes, desired, observed, { now: new Date(), alone: false })
  const open = async () => client
  const report = await carryOutPlan(plan, {
    signal,
    open,
    identify: (name) => name,
    lock: { timeout: 90_000 },
    onEvent: ({ kind }) => kind === 'waiting' && onWaiting?.(),
  })
  return { outcomes: outcomesOf(report), isDone: report.servers[0]?.status === 'done', requests }
}

/**
 * A server on which `pruning` is about to delete an image, and `moving` to move its alias "web" to that image. After each change the
 * alias is looked at.
 */
async function openShared() {
  const gaps: string[] = []
  const server = createImageServer({ dialect: 'incus' })
  const ask: Transport['fetch'] = (input, init) => server.fetch(new Request(input, init as RequestInit))
  const looking = createClient({ transport: { name: 'it', origin: 'http://it', fetch: ask } })
  const transport: Transport = {
    name: 'it',
    origin: 'http://it',
    async fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      const answer = await server.fetch(request)
      if (request.method !== 'GET' && (await looking.aliases.find('web')) === undefined)
        gaps.push(`${request.method} ${request.url}`)
      return answer
    },
  }
  await apply(manifests.standing, transport)
  await apply(manifests.owning, transport)
  gaps.length = 0
  const check = async (isMoved: boolean): Promise<void> => {
    expect(gaps).toEqual([])
    const { target } = await looking.aliases.get('web')
    expect(target).toBe(isMoved ? shared : old)
    expect(await looking.images.find(target)).toBeDefined()
    expect(await looking.aliases.find(deletionLock)).toBeUndefined()
    await server.close()
  }
  return { transport, check }
}

test('an alias that is moved to an image never vanishes, whenever another manifest prunes the image meanwhile', async () => {
  const ends = new Set<string>()
  for (let at = 1, requests = 1; at <= requests; at++) {
    const { transport, check } = await openShared()
    const moved = await apply(manifests.moving, transport, {
      before: async (request) => {
        if (request === at) await apply(manifests.pruning, transport)
      },
    })
    requests = moved.requests
    ends.add(moved.outcomes.join('\n'))
    await check(moved.isDone)
  }
  // Before the lock is an alias of the image, the image may go; the alias then stays as it was.
  expect([...ends].sort()).toEqual([
    'it: update-alias: done',
    'it: update-alias: failed: Cannot update alias "web" on "it": the server answered 404 "Image not found"',
  ])
})

test('an alias never vanishes, whenever it is moved to an image that another manifest is about to prune', async () => {
  const ends = new Set<string>()
  for (let at = 1, requests = 1; at <= requests; at++) {
    const { transport, check } = await openShared()
    let moving: ReturnType<typeof apply> | undefined
    const pruned = await apply(manifests.pruning, transport, {
      before(request) {
        if (request !== at) return Promise.resolve()
        // A run that waits for the deletion waits until this one goes on.
        return new Promise<void>((goOn) => {
          moving = apply(manifests.moving, transport, { onWaiting: goOn }).finally(goOn)
        })
      },
    })
    requests = pruned.requests
    const moved = await moving
    ends.add([...pruned.outcomes, ...(moved?.outcomes ?? [])].join('\n'))
    await check(moved?.isDone ?? false)
  }
  const short = shared.slice(0, 12)
  for (const end of [
    `it: delete-image: failed: Cannot delete image "mine" (${short}) from "it": alias "web" points at it now; plan again\nit: update-alias: done`,
    expect.stringMatching(/works with it; try again when it has ended\nit: update-alias: done$/),
    `it: delete-image: done\nit: update-alias: failed: Cannot use image ${short} on "it": another run has just deleted it; try again`,
  ])
    expect([...ends]).toContainEqual(end)
})
