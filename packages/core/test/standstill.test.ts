import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Client, createClient } from '../src/index.ts'
import { holdPush } from '../src/operations/own-creations.ts'
import { pause } from '../src/parts.ts'
import { failure, json, lxdServer, operation, scriptedTransport, sync } from './scripted-transport.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const [sent, other] = ['a1'.repeat(32), 'b2'.repeat(32)] as const
const source = { kind: 'unified', open: () => new Blob(['image']).stream() } as const
const remote = 'https://10.1.0.9:8443'

/** A server on which all creations run until `endAll` is called. */
function slowServer() {
  const running: { id: string }[] = []
  let isStored = false
  let endAll = (): void => undefined
  const allEnded = new Promise<void>((resolve) => {
    endAll = () => {
      isStored = true
      resolve()
    }
  })
  const begin = (): string => {
    const id = crypto.randomUUID()
    running.push({ id })
    return id
  }
  const stateOf = (id: string, index: number): Record<string, unknown> =>
    operation('Running', 103, { id, created_at: `2026-01-01T00:00:0${index}Z` })
  const transport = scriptedTransport(async ({ method, path }) => {
    if (path === '/1.0') return sync(lxdServer)
    if (path.startsWith('/1.0/instances/')) return sync({ config: {} })
    if (method === 'POST') {
      const id = begin()
      const metadata = operation('Running', 103, { id })
      return json({ type: 'async', operation: `/1.0/operations/${id}`, metadata }, { status: 202 })
    }
    if (path.startsWith('/1.0/operations?'))
      return sync({ running: running.map(({ id }, index) => stateOf(id, index)) })
    const index = running.findIndex(({ id }) => path.includes(id))
    const id = running[index]?.id
    if (id !== undefined) {
      // Servers answer a question for the end of an operation after a while in any case.
      if (path.includes('/wait')) await Promise.race([allEnded, pause(10_000)])
      if (!isStored) return sync(stateOf(id, index))
      return sync(operation('Success', 200, { id, metadata: { fingerprint: sent } }))
    }
    return isStored && path.includes(sent) ? sync({ fingerprint: sent }) : failure(404, 'Image not found')
  })
  return { client: createClient({ transport }), running, begin, allEnded, endAll: () => endAll() }
}

/** What becomes of an image that is sent beside other work of the server, and that the server stores after ten minutes. */
async function sendBeside(
  begin: (client: Client, beginForeign: () => string, running: Promise<void>) => unknown,
) {
  const { client, running, begin: beginForeign, allEnded, endAll } = slowServer()
  const work = Promise.resolve(begin(client, beginForeign, allEnded)).catch((error: unknown) => error)
  await vi.waitUntil(() => running.length === 1)
  const ended = client.images.upload(source, { fingerprint: sent }).catch((error: unknown) => error)
  await vi.waitUntil(() => running.length === 2)
  await vi.advanceTimersByTimeAsync(600_000)
  endAll()
  const result = await ended
  await work
  return { result, id: running[0]?.id }
}

test.each<[string, (client: Client, beginForeign: () => string, running: Promise<void>) => unknown]>([
  ['publishes an image', (client) => client.images.createFromInstance('web')],
  ['downloads another image', (client) => client.images.createFromRemote(remote, { fingerprint: other })],
  [
    'has another server push an image',
    (client, beginForeign, running) => {
      beginForeign()
      holdPush(client.origin, running)
    },
  ],
])('an image that is sent while this process %s on the server may take long', async (_what, begin) => {
  const { result } = await sendBeside(begin)
  expect(result).toMatchObject({ fingerprint: sent })
})

test.each<[string, (client: Client, beginForeign: () => string) => unknown]>([
  ['this process has begun', (client) => client.images.createFromRemote(remote, { fingerprint: sent })],
  ['another client has begun', (_client, beginForeign) => beginForeign()],
])('an image that is sent does not wait without end for a download of it that %s', async (_whose, begin) => {
  const { result, id } = await sendBeside(begin)
  expect(result).toMatchObject({ code: 'timeout' })
  expect(String(result)).toContain(`waiting for operation ${id} `)
})
