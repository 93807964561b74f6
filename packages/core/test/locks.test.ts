import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { createImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Client, createClient, HyperkitError } from '../src/index.ts'
import {
  aliasLock,
  clearExpiredLocks,
  deleteUnderLock,
  deletionLock,
  holdLock,
  lease,
  readHolder,
  removeLock,
  writeHolder,
} from '../src/parts.ts'

const directory = mkdtempSync(join(tmpdir(), 'hk-locks-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const { path } = await makeImage({ directory, name: 'doomed' })

let server: ReturnType<typeof createImageServer>
let refused: string | undefined
/** Called when the server has done what a request says, before its answer arrives. */
let done: ((request: Request) => void) | undefined
/** Called in the same moment; it may break the connection. */
let cut: ((request: Request) => Promise<void>) | undefined
let client: Client
let fingerprint: string
beforeEach(async () => {
  refused = undefined
  done = undefined
  cut = undefined
  server = createImageServer({ dialect: 'lxd' })
  client = createClient({
    transport: {
      name: 'it',
      origin: 'http://it',
      async fetch(input, init) {
        const request = new Request(input, init as RequestInit)
        if (`${request.method} ${new URL(request.url).pathname}` !== refused) {
          const response = await server.fetch(request.clone())
          done?.(request)
          await cut?.(request)
          return response
        }
        const answer = { type: 'error', error: 'Forbidden', error_code: 403 }
        return Response.json(answer, { status: 403 })
      },
    },
  })
  fingerprint = (await uploadImage(client, path)).fingerprint
})
afterEach(() => {
  vi.restoreAllMocks()
  return server.close()
})

const options = { owner: 'me@here', check: () => {} }
const leave = (milliseconds: number, alias = deletionLock) =>
  client.aliases.set(alias, {
    target: fingerprint,
    description: writeHolder({
      owner: 'them@there',
      run: crypto.randomUUID(),
      expiresAt: new Date(Date.now() + milliseconds),
    }),
  })

test('a client that may not create aliases deletes nothing, and is told why', async () => {
  refused = 'POST /1.0/images/aliases'
  await expect(deleteUnderLock(client, fingerprint, options)).rejects.toMatchObject({
    code: 'not-authorized',
    message: expect.stringMatching(
      /^Cannot delete image [0-9a-f]{12} from "it" without the alias "hyperkit\.lock\/\.delete", which keeps other runs from pointing an alias at it meanwhile: Cannot create alias /,
    ),
  })
  expect(await client.images.find(fingerprint)).toBeDefined()
})

test('an image to which an alias is given under the lock of its deletion is kept, and the lock is removed', async () => {
  const kept = new Error('kept')
  await expect(
    deleteUnderLock(client, fingerprint, {
      ...options,
      async prepare() {
        await client.aliases.create('new', { target: fingerprint })
      },
      check({ aliases }) {
        if (aliases.some(({ name }) => name === 'new')) throw kept
      },
    }),
  ).rejects.toBe(kept)
  expect((await client.images.get(fingerprint)).aliases.map(({ name }) => name)).toEqual(['new'])
})

test('one of several deletions of an image deletes it, and the others find it gone', async () => {
  const ends = await Promise.all([1, 2, 3].map(() => deleteUnderLock(client, fingerprint, options)))
  expect(ends.sort()).toEqual([false, false, true])
  expect(await client.aliases.list()).toEqual([])
})

test('a deletion that another run holds too long is refused, and says who holds it', async () => {
  await leave(lease)
  await expect(deleteUnderLock(client, fingerprint, { ...options, timeout: 0 })).rejects.toMatchObject({
    code: 'already-exists',
    message: expect.stringContaining('them@there is deleting an image there until '),
  })
  expect(await client.images.find(fingerprint)).toBeDefined()
})

test('a deletion does not wait for the lock of a run that is known to have ended', async () => {
  await leave(lease)
  const isOver = ({ owner }: { owner: string }): boolean => owner === 'them@there'
  expect(await deleteUnderLock(client, fingerprint, { ...options, timeout: 0, isOver })).toBe(true)
})

test.each([deletionLock, aliasLock])(
  'the lock %s that a killed run has left is removed when it has expired, and not before',
  async (alias) => {
    const me = { owner: 'me@here', run: crypto.randomUUID() }
    for (const [milliseconds, left] of [
      [lease, 1],
      [-1000, 0],
    ] as const) {
      await leave(milliseconds, alias)
      await clearExpiredLocks(client, me)
      expect(await client.aliases.list()).toHaveLength(left)
    }
  },
)

test('a lock that is taken between the two tries to remove another one stays', async () => {
  const alias = 'hyperkit.lock/mine'
  const take = (owner: string) =>
    server.fetch(
      new Request('http://it/1.0/images/aliases', {
        method: 'POST',
        body: JSON.stringify({
          name: alias,
          target: fingerprint,
          description: writeHolder({
            owner,
            run: crypto.randomUUID(),
            expiresAt: new Date(Date.now() + lease),
          }),
        }),
      }),
    )
  await take('dead@there')
  cut = async ({ method }) => {
    if (method !== 'DELETE') return
    cut = undefined
    await take('alive@there')
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  }
  expect(await removeLock(client, alias)).toMatchObject({ owner: 'dead@there' })
  expect(await client.aliases.get(alias)).toMatchObject({
    description: expect.stringContaining('alive@there'),
  })
})

test('a run that is interrupted while the server makes its lock leaves none', async () => {
  const stop = new AbortController()
  const reason = new Error('interrupted')
  done = ({ method }) => method === 'POST' && stop.abort(reason)
  const lock = holdLock(client, {
    alias: 'hyperkit.lock/mine',
    target: fingerprint,
    owner: 'me@here',
    run: crypto.randomUUID(),
    timeout: 0,
    signal: stop.signal,
    explain: () => new HyperkitError('already-exists', 'held'),
  })
  await expect(lock).rejects.toBe(reason)
  expect(await client.aliases.list()).toEqual([])
})

describe('a lock that looked free and was taken by somebody else before it could be claimed', () => {
  const alias = 'hyperkit.lock/mine'
  /** Another run takes the lock after the first look at it, and has released it before the second one. */
  const takeUnseen = (run: string): void => {
    let looks = 0
    const post = { name: alias, target: fingerprint }
    cut = async ({ method, url }) => {
      const { pathname } = new URL(url)
      const isLook = method === 'GET' && pathname.includes(encodeURIComponent(alias))
      if (isLook && ++looks === 1) {
        const expiresAt = new Date(Date.now() + lease)
        const description = writeHolder({ owner: 'them@there', run, expiresAt })
        const body = JSON.stringify({ ...post, description })
        await server.fetch(new Request('http://it/1.0/images/aliases', { method: 'POST', body }))
      }
    }
  }
  const hold = (isOurs?: (holder: { run: string }) => boolean, onWait?: () => void) =>
    holdLock(client, {
      alias,
      target: fingerprint,
      owner: 'me@here',
      run: crypto.randomUUID(),
      isOurs,
      onWait,
      timeout: lease,
      explain: () => new HyperkitError('already-exists', 'held'),
    })

  test('counts as taken by another run, which may have changed the server', async () => {
    takeUnseen(crypto.randomUUID())
    const lock = await hold(undefined, () => void client.aliases.delete(alias))
    expect(lock.wasTaken).toBe(true)
    await lock.release()
  })

  test('does not if an entry of the same command took it, whose changes are known', async () => {
    const ours = crypto.randomUUID()
    takeUnseen(ours)
    const lock = await hold(
      ({ run }) => run === ours,
      () => void client.aliases.delete(alias),
    )
    expect(lock.wasTaken).toBe(false)
    await lock.release()
  })

  test('and a lock that nobody else wanted does not', async () => {
    const lock = await hold()
    expect(lock.wasTaken).toBe(false)
    await lock.release()
  })
})

describe('a lock whose claim is answered only when its lease is over', () => {
  const alias = 'hyperkit.lock/mine'
  /** Milliseconds that answers have taken. */
  let late = 0
  beforeEach(() => {
    late = 0
    // This server's answers have no date, so that its clock is this machine's.
    const now = Date.now.bind(Date)
    vi.spyOn(Date, 'now').mockImplementation(() => now() + late)
  })
  const hold = (timeout = 0) =>
    holdLock(client, {
      alias,
      target: fingerprint,
      owner: 'me@here',
      run: crypto.randomUUID(),
      timeout,
      explain: (holder) => new HyperkitError('already-exists', `held by ${holder?.owner}`),
    })

  test('is claimed once more, with a lease that begins then', async () => {
    const began = Date.now()
    cut = async ({ method }) => {
      if (method === 'POST') late += lease
    }
    const lock = await hold()
    expect(lock.wasTaken).toBe(false)
    const until = readHolder((await client.aliases.get(alias)).description)?.expiresAt.getTime()
    expect(until).toBeGreaterThanOrEqual(began + 2 * lease)
    await lock.release()
    expect(await client.aliases.list()).toEqual([])
  })

  test('is not held if another run took it in the meantime', async () => {
    cut = async ({ method }) => {
      if (method !== 'POST' || late > 0) return
      late += lease
      const expiresAt = new Date(Date.now() + lease)
      const description = writeHolder({ owner: 'them@there', run: crypto.randomUUID(), expiresAt })
      const body = JSON.stringify({ target: fingerprint, description })
      const url = `http://it/1.0/images/aliases/${encodeURIComponent(alias)}`
      await server.fetch(new Request(url, { method: 'PUT', body }))
    }
    await expect(hold()).rejects.toThrow('held by them@there')
    expect((await client.aliases.get(alias)).description).toContain('them@there')
  })

  test('is given up, and removed, if the server never writes it in time', async () => {
    cut = async ({ method }) => {
      if (method === 'POST' || method === 'PUT') late += lease
    }
    await expect(hold()).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining(`Cannot hold the lock "${alias}" on "it"`),
    })
    expect(await client.aliases.list()).toEqual([])
  })
})
