import { expect, test } from 'vitest'
import { delayAbort } from './delay-abort.ts'

test('a signal that is already aborted is followed at once', () => {
  expect(delayAbort(AbortSignal.abort('why'), 60_000).signal.reason).toBe('why')
})

test('a delayed abort has the reason of the signal, and does not come after a stop', async () => {
  const controller = new AbortController()
  const [followed, stopped] = [delayAbort(controller.signal, 10), delayAbort(controller.signal, 10)]
  controller.abort('why')
  expect([followed.signal.aborted, stopped.signal.aborted]).toEqual([false, false])
  stopped.stop()
  await new Promise((resolve) => followed.signal.addEventListener('abort', resolve))
  expect([followed.signal.reason, stopped.signal.aborted]).toEqual(['why', false])
})
