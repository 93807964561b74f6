import { createClient } from '@hyperkit/core'
import { expect, test } from 'vitest'
import type { ImageSpace } from './image-space.ts'
import { type ReadSpaceOptions, readSpace } from './read-space.ts'

const state = '/1.0/storage-pools/fast/volumes/custom/images/state'
const resources = '/1.0/storage-pools/fast/resources'
const server = {
  '/1.0': {
    auth: 'trusted',
    environment: { server: 'incus', server_version: '6.0.4', server_clustered: false },
    config: { 'storage.images_volume': 'fast/images' },
  },
  '/1.0/storage-pools': [{ name: 'fast', driver: 'zfs', config: {} }],
}
const lvm = (thin: Record<string, string>) => ({
  '/1.0/storage-pools': [{ name: 'fast', driver: 'lvm', config: thin }],
})

/** @param answers by the path; a path that is missing is never answered, and a text is an error of the server */
async function read(answers: Record<string, unknown>, options?: ReadSpaceOptions): Promise<ImageSpace> {
  const client = createClient({
    transport: {
      name: 'edge',
      origin: 'http://edge',
      async fetch(input, init) {
        const request = new Request(input, init as RequestInit)
        const answer = { ...server, ...answers }[new URL(request.url).pathname]
        if (answer === undefined)
          return new Promise<never>((_, reject) => {
            request.signal.addEventListener('abort', () => reject(request.signal.reason))
          })
        return typeof answer === 'string'
          ? Response.json({ type: 'error', error: answer, error_code: 500 }, { status: 500 })
          : Response.json({ type: 'sync', status: 'Success', status_code: 200, metadata: answer })
      },
    },
  })
  return readSpace(client, options)
}

test('the size of the volume for images counts, not that of its pool', async () => {
  const sized = { [state]: { usage: { used: 15, total: 20 } }, [resources]: { space: { total: 1000 } } }
  expect(await read(sized)).toEqual({ status: 'seen', pool: 'fast', free: 5 })
  expect(await read({ ...sized, ...lvm({ 'lvm.use_thinpool': 'false' }) })).toMatchObject({ free: 5 })
  expect(await read({ ...sized, [state]: { usage: { used: 21, total: 20 } } })).toMatchObject({ free: 0 })
})

test('a pool that has less free than the volume for images counts', async () => {
  const answers = {
    [state]: { usage: { used: 0, total: 20 } },
    [resources]: { space: { used: 997, total: 1000 } },
  }
  expect(await read(answers)).toMatchObject({ free: 3 })
})

test('a volume without a size takes what is free in its pool', async () => {
  for (const answer of [{ usage: null }, { usage: { used: 15, total: 0 } }, {}, 'Not supported']) {
    const space = await read({ [state]: answer, [resources]: { space: { used: 400, total: 1000 } } })
    expect(space).toEqual({ status: 'seen', pool: 'fast', free: 600 })
  }
})

test('a volume of LVM without a thin pool has a size of its own, so the free space of the pool tells nothing', async () => {
  const pool = { [resources]: { space: { used: 1000, total: 1000 } } }
  const space = await read({ ...lvm({ 'lvm.use_thinpool': 'false' }), ...pool, [state]: { usage: null } })
  expect(space).toEqual({
    status: 'hidden',
    why: 'its volume "fast/images" has a size of its own, and the server does not report it',
  })
  expect(await read({ ...lvm({}), ...pool, [state]: { usage: null } })).toMatchObject({ free: 0 })
})

test('a pool that hangs hides the free space after some time, and an abort ends the reading at once', async () => {
  expect(await read({}, { patience: 20 })).toEqual({
    status: 'hidden',
    why: 'the server did not report it within 0.02 seconds',
  })
  const stop = new AbortController()
  const reading = read({}, { signal: stop.signal })
  stop.abort(new Error('stopped'))
  await expect(reading).rejects.toThrow('stopped')
})

test('an error of the server hides the free space, with the words of the server', async () => {
  expect(await read({ [state]: 'Failed to run: zfs' })).toMatchObject({
    status: 'hidden',
    why: expect.stringContaining('Failed to run: zfs'),
  })
})
