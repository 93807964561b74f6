import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPieceSink, type PieceSink } from './piece-sink.ts'

const kibibyte = 1024
const fullSize = 512 * kibibyte

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A connection of which the test decides when bytes arrive, as long as it is not paused. */
interface Connection {
  sink: PieceSink
  isPaused: boolean
  isCancelled: boolean
  /** The bytes that have arrived so far. */
  sent: number
  /** Lets bytes arrive unless it is paused, and says whether it did. */
  send(count: number): boolean
}

const byteAt = (at: number): number => (at * 7 + (at >> 12)) % 251
const bytesFrom = (at: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, offset) => byteAt(at + offset))
const isUnchanged = (piece: Uint8Array, from: number): boolean =>
  piece.every((byte, offset) => byte === byteAt(from + offset))

function connect(expected?: number): Connection {
  const connection: Connection = {
    sink: createPieceSink(
      {
        pause: () => {
          connection.isPaused = true
        },
        resume: () => {
          connection.isPaused = false
        },
        cancel: () => {
          connection.isCancelled = true
        },
      },
      expected,
    ),
    isPaused: false,
    isCancelled: false,
    sent: 0,
    send(count) {
      if (connection.isPaused) return false
      connection.sink.take(bytesFrom(connection.sent, count), false)
      connection.sent += count
      return true
    },
  }
  return connection
}

interface Gathering {
  received: number
  isUnchanged: boolean
  isDone: boolean
}

/** Reads as a save does: pieces are kept until there are 512 KiB or eight of them. */
function gather({ source }: PieceSink): Gathering {
  const gathering: Gathering = { received: 0, isUnchanged: true, isDone: false }
  const read = async (): Promise<void> => {
    let kept: Uint8Array[] = []
    let bytes = 0
    for (let next = await source.read(); !next.done; next = await source.read()) {
      kept.push(next.value)
      bytes += next.value.byteLength
      if (bytes < fullSize && kept.length < 8) continue
      check(kept)
      kept = []
      bytes = 0
    }
    check(kept)
    gathering.isDone = true
  }
  // Compared only when they are given back, so that a piece which was filled again too early is noticed.
  const check = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) {
      gathering.isUnchanged &&= isUnchanged(piece, gathering.received)
      gathering.received += piece.byteLength
    }
    source.giveBack(pieces)
  }
  void read()
  return gathering
}

/** Lets everything happen that waits for nothing but promises, and then the time pass. */
async function pass(milliseconds: number): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  await vi.advanceTimersByTimeAsync(milliseconds)
}

// In 60 milliseconds: 0.06, 0.3, 1 and 2.9 MB in a second.
for (const count of [3_600, 18_000, 60_000, 174_000]) {
  test(`a body of which ${count} bytes arrive at a time reaches a reader that keeps its pieces`, async () => {
    const total = count * Math.ceil((5 * fullSize) / count) + 11
    const connection = connect()
    const gathering = gather(connection.sink)
    while (connection.sent < total) {
      const isSent = connection.send(Math.min(count, total - connection.sent))
      expect(isSent, `paused after ${connection.sent} bytes`).toBe(true)
      await pass(60)
    }
    connection.sink.end()
    await pass(0)
    expect(gathering).toEqual({ received: total, isUnchanged: true, isDone: true })
  })
}

test('a reader that keeps every piece and waits gets the next one, also if it gives one back while it waits', async () => {
  const connection = connect(100 * fullSize)
  const { source } = connection.sink
  const kept: Uint8Array[] = []
  for (let turn = 0; turn < 9; turn++) {
    const read = source.read()
    if (turn > 6) source.giveBack(kept.splice(0, 1))
    expect(connection.send(fullSize), `paused with ${kept.length} pieces at the reader`).toBe(true)
    kept.push((await read).value ?? new Uint8Array())
  }
  kept.forEach((piece, at) => {
    expect(isUnchanged(piece, (at + 2) * fullSize)).toBe(true)
  })
})

test('a connection that nobody reads from is paused, and goes on when pieces are read and given back', async () => {
  const connection = connect(100 * fullSize)
  while (connection.send(fullSize / 2));
  expect(connection.sent).toBe(4 * fullSize)
  const { value } = await connection.sink.source.read()
  expect(connection.isPaused).toBe(true)
  connection.sink.source.giveBack([value ?? new Uint8Array()])
  expect(connection.isPaused).toBe(false)
})

test('a body that ends or fails while its connection is paused is read to its end', async () => {
  for (const how of ['end', 'fail'] as const) {
    const connection = connect()
    const { source } = connection.sink
    while (connection.send(64 * kibibyte));
    if (how === 'end') connection.sink.end()
    else connection.sink.fail(new Error('broken'))
    let received = 0
    while (received < connection.sent) received += (await source.read()).value?.byteLength ?? 0
    expect(received).toBe(connection.sent)
    if (how === 'end') expect(await source.read()).toEqual({ done: true, value: undefined })
    else await expect(source.read()).rejects.toThrow('broken')
  }
})

test('a cancel ends a body whose connection is paused, and a read that waits', async () => {
  const paused = connect()
  while (paused.send(64 * kibibyte));
  const waiting = connect()
  const read = waiting.sink.source.read()
  waiting.send(10)
  for (const { sink } of [paused, waiting]) await sink.source.cancel(new Error('enough'))
  expect([paused.isCancelled, waiting.isCancelled]).toEqual([true, true])
  expect(await paused.sink.source.read()).toEqual({ done: true, value: undefined })
  expect(await read).toEqual({ done: true, value: undefined })
})

test('a short body takes no more memory than it has bytes, also if it pauses', async () => {
  const connection = connect(1_000)
  const { source } = connection.sink
  const first = source.read()
  connection.send(400)
  await pass(60)
  const second = source.read()
  connection.send(600)
  connection.sink.end()
  const pieces = [(await first).value, (await second).value]
  expect(pieces.map((piece) => piece?.byteLength)).toEqual([400, 600])
  expect(pieces.map((piece) => piece?.buffer.byteLength)).toEqual([400, 1_000])
})

test('a body of unknown length begins with a small piece', async () => {
  const connection = connect()
  connection.send(100)
  connection.sink.end()
  const { value } = await connection.sink.source.read()
  expect(value?.byteLength).toBe(100)
  expect(value?.buffer.byteLength).toBe(64 * kibibyte)
})
