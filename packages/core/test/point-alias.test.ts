import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { createImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { type Client, createClient, HyperkitError, isHyperkitError } from '../src/index.ts'
import { deleteUnderLock, isLockAlias, pointAlias } from '../src/parts.ts'

const directory = mkdtempSync(join(tmpdir(), 'hk-point-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const { path: oldFile } = await makeImage({ directory, name: 'old' })
const { path: newFile } = await makeImage({ directory, name: 'new' })

let server: ReturnType<typeof createImageServer>
beforeEach(() => {
  server = createImageServer({ dialect: 'incus' })
})
afterEach(() => server.close())

/** @param before called before each request, with its number */
function connect(before?: (request: number) => Promise<void>): Client {
  let requests = 0
  return createClient({
    transport: {
      name: 'it',
      origin: 'http://it',
      async fetch(input, init) {
        await before?.(++requests)
        return server.fetch(new Request(input, { ...init, duplex: 'half' } as RequestInit))
      },
    },
  })
}

/** Deletes an image as `delete` does: with the names that it had when it was found. */
async function deleteKnown(client: Client, fingerprint: string): Promise<'deleted' | 'kept'> {
  try {
    await deleteUnderLock(client, fingerprint, {
      owner: 'deleter',
      check({ aliases }) {
        if (aliases.some(({ name }) => !isLockAlias(name)))
          throw new HyperkitError('precondition-failed', 'it has a name now')
      },
    })
    return 'deleted'
  } catch (error) {
    if (!isHyperkitError(error, 'precondition-failed')) throw error
    return 'kept'
  }
}

type Way = (client: Client, fingerprint: string) => Promise<unknown>

const ways: [string, Way][] = [
  ['that `alias set` moves', (client, target) => pointAlias(client, 'web', { target, owner: 'mover' })],
  [
    'that an upload of an image which is there takes over',
    (client) => uploadImage(client, newFile, { aliases: ['web'], reuseAliases: true }),
  ],
]

test.each(ways)('an alias %s never vanishes, whenever the image is deleted meanwhile', async (_, point) => {
  const plain = connect()
  const old = (await uploadImage(plain, oldFile)).fingerprint
  const ends = new Set<string>()
  for (let at = 1, requests = 1; at <= requests; at++) {
    const { fingerprint } = await uploadImage(plain, newFile)
    await plain.aliases.set('web', { target: old })
    let end = ''
    const client = connect(async (request) => {
      requests = Math.max(requests, request)
      if (request === at) end = await deleteKnown(plain, fingerprint)
    })
    const moved = await point(client, fingerprint).then(
      () => 'moved',
      (error: unknown) => (isHyperkitError(error) ? error.code : String(error)),
    )
    ends.add(`${end}, ${moved}`)
    const { target } = await plain.aliases.get('web')
    expect([at, target === fingerprint]).toEqual([at, moved === 'moved'])
    expect(await plain.images.find(target)).toBeDefined()
    expect((await plain.aliases.list()).map(({ name }) => name)).toEqual(['web'])
  }
  // While it is held, the image is kept; before that it may go, and the alias stays as it was, or an upload sends the image again.
  expect(ends).toContain('kept, moved')
})

test('an alias stays where it is if it is moved to an image that a deletion has just read for the last time', async () => {
  const plain = connect()
  const old = (await uploadImage(plain, oldFile)).fingerprint
  const { fingerprint } = await uploadImage(plain, newFile)
  await plain.aliases.set('web', { target: old })
  let moved: Promise<unknown> = Promise.resolve()
  const check = (): void => {
    moved = pointAlias(plain, 'web', { target: fingerprint, owner: 'mover' })
    moved.catch(() => {})
  }
  expect(await deleteUnderLock(plain, fingerprint, { owner: 'deleter', check })).toBe(true)
  const code = expect.stringMatching(/^(?:precondition-failed|not-found)$/)
  await expect(moved).rejects.toMatchObject({ code })
  expect((await plain.aliases.get('web')).target).toBe(old)
})
