import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSemaphore } from '../concurrency/semaphore.ts'
import { createPlaces, type Place } from './places.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Places for one server at once, and the questions that the servers were asked. */
function openPlaces() {
  const asked: string[] = []
  const answers = new Map<string, () => void>()
  let isHung = false
  const places = createPlaces({
    semaphore: createSemaphore(1),
    ask(server, signal) {
      asked.push(server)
      if (!isHung) return Promise.resolve()
      return new Promise((resolve, reject) => {
        answers.set(server, () => resolve(undefined))
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
  })
  const held = new Map<string, Place>()
  const take = async (server: string): Promise<void> => void held.set(server, await places.take(server))
  return {
    places,
    asked,
    take,
    hang: () => {
      isHung = true
    },
    answer: (server: string) => answers.get(server)?.(),
    leave: (server: string) => held.get(server)?.leave(),
    /** The servers that got a place, and have not left it. */
    got: () => [...held.keys()],
  }
}

test('a server that hangs while it is changed gives its place to one that waits, after 3 s', async () => {
  const { take, hang, got, leave } = openPlaces()
  hang()
  await take('hung')
  void take('healthy')
  await vi.advanceTimersByTimeAsync(2_999)
  expect(got()).toEqual(['hung'])
  await vi.advanceTimersByTimeAsync(1)
  expect(got()).toEqual(['hung', 'healthy'])
  leave('hung')
  leave('healthy')
  expect(vi.getTimerCount()).toBe(0)
})

test('a server that works for long, and still describes itself, keeps its place', async () => {
  const { take, got, asked, leave } = openPlaces()
  await take('busy')
  void take('next')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(got()).toEqual(['busy'])
  expect(asked).toContain('busy')
  leave('busy')
  await vi.advanceTimersByTimeAsync(0)
  expect(got()).toEqual(['busy', 'next'])
})

test('a server that takes the bytes of an upload is not asked', async () => {
  const { places, take, hang, got, asked } = openPlaces()
  hang()
  await take('uploading')
  void take('next')
  for (let second = 0; second < 30; second++) {
    await vi.advanceTimersByTimeAsync(1_000)
    places.heard('uploading')
  }
  expect(got()).toEqual(['uploading'])
  expect(asked).toEqual([])
})

test('a server that hangs keeps its place, and is not asked, while no other one waits', async () => {
  const { take, hang, got, asked } = openPlaces()
  hang()
  await take('hung')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
  void take('late')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(got()).toEqual(['hung', 'late'])
})

test.each(['an answer', 'its progress'])(
  'a server that comes back, as %s shows, counts again at once, and no other one begins',
  async (sign) => {
    const { places, take, hang, answer, got, leave } = openPlaces()
    hang()
    await take('hung')
    void take('second')
    void take('third')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(got()).toEqual(['hung', 'second'])
    expect(places.isOverdrawn()).toBe(false)
    if (sign === 'an answer') answer('hung')
    else places.heard('hung')
    await vi.advanceTimersByTimeAsync(0)
    expect(places.isOverdrawn()).toBe(true)
    leave('second')
    await vi.advanceTimersByTimeAsync(0)
    expect(got()).toEqual(['hung', 'second'])
    expect(places.isOverdrawn()).toBe(false)
    leave('hung')
    await vi.advanceTimersByTimeAsync(0)
    expect(got()).toEqual(['hung', 'second', 'third'])
  },
)

test('a server that fails after it lost its place gives no second place away', async () => {
  const { take, hang, got, leave } = openPlaces()
  hang()
  await take('hung')
  void take('second')
  void take('third')
  await vi.advanceTimersByTimeAsync(3_000)
  leave('hung')
  leave('hung')
  await vi.advanceTimersByTimeAsync(0)
  expect(got()).toEqual(['hung', 'second'])
})
