import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { createImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { deleteUnderLock, deletionLock } from '../src/parts.ts'

const directory = mkdtempSync(join(tmpdir(), 'hk-unknown-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const { path } = await makeImage({ directory, name: 'doomed' })

const broken = (): Promise<Response> =>
  Promise.reject(Object.assign(new Error('connection reset'), { code: 'ECONNRESET' }))
const answered = (status: number) => (): Promise<Response> =>
  Promise.resolve(Response.json({ type: 'error', error: 'no', error_code: status }, { status }))

function openServer(answer?: (request: Request) => Promise<Response> | undefined) {
  const server = createImageServer({ dialect: 'lxd' })
  onTestFinished(() => server.close())
  const fetch = (input: Request | string, init?: unknown): Promise<Response> => {
    const request = new Request(input, init as RequestInit)
    return answer?.(request) ?? server.fetch(request)
  }
  return createClient({ transport: { name: 'it', origin: 'http://it', fetch } })
}

test.for([
  ['stays when the connection breaks: the server may still do it', broken, true],
  ['stays when a proxy answers for a server that has not: it may still do it', answered(504), true],
  ['is removed when the server has refused it', answered(403), false],
] as const)('the lock of a deletion %s', async ([, answer, isKept]) => {
  const client = openServer(({ method, url }) =>
    method === 'DELETE' && url.endsWith(fingerprint) ? answer() : undefined,
  )
  let fingerprint = '-'
  ;({ fingerprint } = await uploadImage(client, path))
  await expect(deleteUnderLock(client, fingerprint, { owner: 'me@here', check: () => {} })).rejects.toThrow()
  expect((await client.aliases.find(deletionLock)) !== undefined).toBe(isKept)
})

test('the lock of a deletion that is interrupted before its request is sent is removed', async () => {
  const client = openServer()
  const { fingerprint } = await uploadImage(client, path)
  const stop = new AbortController()
  const reason = new Error('interrupted')
  const options = { owner: 'me@here', signal: stop.signal, check: () => stop.abort(reason) }
  await expect(deleteUnderLock(client, fingerprint, options)).rejects.toBe(reason)
  expect(await client.aliases.find(deletionLock)).toBeUndefined()
  expect(await client.images.find(fingerprint)).toBeDefined()
})
