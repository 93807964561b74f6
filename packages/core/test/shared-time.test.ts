import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClient, type Transport } from '../src/index.ts'
import { failure, operation, scriptedTransport, sync } from './scripted-transport.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => void vi.useRealTimers())

/** A cluster whose members take requests and never answer; after each one, the next is in use. */
function hung(count: number): Transport & { asked: string[] } {
  const origins = Array.from({ length: count }, (_, index) => `https://m${index + 1}`)
  const asked: string[] = []
  return {
    name: 'cluster',
    origin: 'https://m1',
    ...(count === 1
      ? {}
      : {
          addresses: { origins, current: () => origins[Math.min(asked.length, count) - 1] ?? 'https://m1' },
        }),
    asked,
    fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      asked.push(`${request.method} ${new URL(request.url).pathname}`)
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason))
      })
    },
  }
}

/** How a request ends, and after how many milliseconds. */
async function outcomeOf(work: Promise<unknown>): Promise<{ error: Error; elapsed: number }> {
  const began = performance.now()
  let error: Error | undefined
  work.catch((thrown: Error) => {
    error = thrown
  })
  for (let steps = 0; error === undefined && steps < 10_000; steps++) await vi.advanceTimersByTimeAsync(10)
  if (error === undefined) throw new Error('the request has not ended')
  return { error, elapsed: performance.now() - began }
}

const path = '/1.0/images/x'

test.each([
  ['GET', undefined],
  ['PUT', { public: true }],
  ['DELETE', undefined],
] as const)(
  'a %s of a cluster whose members all hang takes no longer with more addresses',
  async (method, json) => {
    for (const count of [1, 2, 3]) {
      const client = createClient({ transport: hung(count), answerTimeout: 3_000 })
      const { elapsed, error } = await outcomeOf(client.request({ method, path, json }))
      expect(error).toMatchObject({ code: 'timeout' })
      // A third of the limit may be added to find out what became of a change.
      expect(elapsed).toBeLessThanOrEqual(method === 'GET' ? 3_050 : 4_050)
    }
  },
)

test('every address of a hanging cluster is asked within the limit, and the error names them', async () => {
  const transport = hung(3)
  const client = createClient({ transport, answerTimeout: 3_000 })
  const { error } = await outcomeOf(client.request({ method: 'GET', path }))
  expect(transport.asked).toHaveLength(3)
  expect(error.message).toMatch(
    /^Cannot GET .* on "cluster": no answer within 2 s; tried https:\/\/m1 and https:\/\/m2 and https:\/\/m3/,
  )
})

test('an address that hangs leaves the others a part of the time', async () => {
  const transport = hung(2)
  const client = createClient({ transport, answerTimeout: 60_000 })
  const { elapsed } = await outcomeOf(client.request({ method: 'GET', path }))
  expect(transport.asked).toHaveLength(2)
  expect(elapsed).toBeLessThanOrEqual(60_050)
})

test('if the look at another address fails too, the error is still that of the change', async () => {
  const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  const transport = hung(2)
  const fetch: Transport['fetch'] = async (input, init) => {
    const { method } = new Request(input, init as RequestInit)
    transport.asked.push(method)
    if (method === 'PUT') throw lost
    throw Object.assign(new Error('none of its addresses answers'), { code: 'ECONNREFUSED' })
  }
  const client = createClient({ transport: { ...transport, fetch } })
  const { error } = await outcomeOf(client.request({ method: 'PUT', path, json: { public: true } }))
  expect(error).toMatchObject({ code: 'closed-without-answer', request: { method: 'PUT', path } })
  expect(error.message).toContain('may or may not have been carried out')
  expect(error.message).toContain('; tried https://m1')
  expect(error.message).toContain('looking for its outcome failed too: Cannot find out what became of')
  expect(error.message).toContain('none of its addresses answers')
})

test('a request that nothing shows the outcome of has the whole limit at one address', async () => {
  const transport = hung(2)
  const client = createClient({ transport, answerTimeout: 3_000 })
  const work = client.request({ method: 'POST', path: '/1.0/certificates', json: {} })
  const { elapsed, error } = await outcomeOf(work)
  expect(error).toMatchObject({ code: 'timeout' })
  expect(elapsed).toBeGreaterThanOrEqual(3_000)
  expect(transport.asked).toEqual(['POST /1.0/certificates'])
})

test('the cancelling of an operation after an abort reaches another address if the first one hangs', async () => {
  const transport = hung(2)
  const stop = new AbortController()
  const { fetch: hang } = transport
  const id = '0a0a0a0a-0000-4000-8000-000000000000'
  const cancelled: string[] = []
  const fetch: Transport['fetch'] = async (input, init) => {
    const { method, url } = new Request(input, init as RequestInit)
    if (url.includes('/wait')) stop.abort(new Error('stopped'))
    else if (method === 'GET') return sync(operation('Running', 103, { id }))
    if (method === 'DELETE' && cancelled.push(url) > 1) return sync({})
    return hang(input, init)
  }
  const client = createClient({ transport: { ...transport, fetch } })
  const { error } = await outcomeOf(client.operations.wait(id, { signal: stop.signal }))
  expect(error.message).toBe('stopped')
  expect(cancelled).toHaveLength(2)
})

describe('an operation of a member that another member calls down', () => {
  const waitFor = async (answers: (elapsed: number) => Response) => {
    const began = performance.now()
    const transport = {
      ...scriptedTransport(() => answers(performance.now() - began)),
      addresses: { origins: ['https://m1', 'https://m2'], current: () => 'https://m1' },
    }
    return outcomeOf(createClient({ transport }).operations.wait(operation('Running', 103).id as string))
  }
  const down = (): Response => failure(503, 'Peer cluster member m3 at 10.0.0.3:8443 is down')

  test('counts as lost with it after 3 seconds, and not after the minute that a restart may take', async () => {
    const { error, elapsed } = await waitFor(down)
    expect(error).toMatchObject({ code: 'outcome-unknown' })
    expect(elapsed).toBeGreaterThan(3_000)
    expect(elapsed).toBeLessThan(10_000)
  })

  test('is waited for again if the member comes back before', async () => {
    // A failure of the operation itself ends the waiting.
    const { error, elapsed } = await waitFor((elapsed) =>
      elapsed < 2_000 || (elapsed > 2_600 && elapsed < 4_600)
        ? down()
        : sync(elapsed < 4_600 ? operation('Running', 103) : operation('Failure', 400, { err: 'no' })),
    )
    expect(error).toMatchObject({ code: 'operation-failed' })
    expect(elapsed).toBeGreaterThan(4_000)
  })
})
