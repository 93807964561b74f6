import { expect, test } from 'vitest'
import { offerPieces } from './offered-pieces.ts'
import { passBytes } from './pass-bytes.ts'
import type { PieceSource } from './piece-source.ts'
import { readPieces } from './read-pieces.ts'
import type { Watch } from './watch.ts'

/** A byte stream of which the stream and the offered pieces are distinguishable. */
function offering(pieces: () => PieceSource | undefined): ReadableStream<Uint8Array> {
  const stream = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      controller.enqueue(Uint8Array.of(9))
      controller.close()
      controller.byobRequest?.respond(0)
    },
  }) as ReadableStream<Uint8Array>
  return offerPieces(stream, pieces)
}

function piecesOf(values: number[], told: string[]): PieceSource {
  return {
    refills: true,
    async read() {
      const value = values.shift()
      return value === undefined
        ? { done: true, value: undefined }
        : { done: false, value: Uint8Array.of(value) }
    },
    giveBack: () => void told.push('given back'),
    cancel: async (reason) => void told.push(`cancelled: ${reason}`),
  }
}

const silent: Pick<Watch, 'take' | 'end'> = { take() {}, end() {} }

test('pieces that a stream offers reach the reader past several watched streams, and each watch sees them', async () => {
  const told: string[] = []
  const body = offering(() => piecesOf([1, 2], told))
  const watch = (name: string): Watch => ({
    take: (piece) => void told.push(`${name} ${piece}`),
    end: () => void told.push(`${name} end`),
  })
  const source = readPieces(passBytes(passBytes(body, watch('inner')), watch('outer')), 16)
  for (let next = await source.read(); !next.done; next = await source.read()) source.giveBack([next.value])
  expect(told).toEqual([
    'inner 1',
    'outer 1',
    'given back',
    'inner 2',
    'outer 2',
    'given back',
    'inner end',
    'outer end',
  ])
})

test('a watch that refuses a piece cancels the pieces, and the reader gets its error from then on', async () => {
  const told: string[] = []
  const body = passBytes(
    offering(() => piecesOf([1, 2], told)),
    {
      take() {
        throw new Error('too long')
      },
      end() {},
      failed: (error) => new Error(`refused: ${(error as Error).message}`),
    },
  )
  const source = readPieces(body, 16)
  await expect(source.read()).rejects.toThrow('refused: too long')
  await expect(source.read()).rejects.toThrow('refused: too long')
  expect(told).toEqual(['cancelled: Error: too long'])
})

test('an abort ends a read of pieces that never come', async () => {
  const told: string[] = []
  const controller = new AbortController()
  const hung: PieceSource = { ...piecesOf([], told), read: () => new Promise(() => {}) }
  const source = readPieces(
    passBytes(
      offering(() => hung),
      { ...silent, signal: controller.signal },
    ),
    16,
  )
  const read = source.read()
  controller.abort(new Error('enough'))
  await expect(read).rejects.toThrow('enough')
  expect(told).toEqual(['cancelled: Error: enough'])
})

test('pieces that are silent for too long are a failure', async () => {
  const hung: PieceSource = { ...piecesOf([], []), read: () => new Promise(() => {}) }
  const source = readPieces(
    passBytes(
      offering(() => hung),
      { ...silent, silence: 10 },
    ),
    16,
  )
  await expect(source.read()).rejects.toThrow('no byte for')
})

test('a stream that is read as a stream gives its own bytes, and so does one whose offer is void', async () => {
  const watched = passBytes(
    offering(() => piecesOf([1], [])),
    silent,
  )
  const { value } = await watched.getReader().read()
  expect(value).toEqual(Uint8Array.of(9))
  const source = readPieces(
    passBytes(
      offering(() => undefined),
      silent,
    ),
    16,
  )
  expect((await source.read()).value).toEqual(Uint8Array.of(9))
})
