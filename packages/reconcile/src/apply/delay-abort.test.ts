import { expect, test } from 'vitest'
import { delayAbort } from './delay-abort.ts'

test('what is aborted already is so at once', () => {
  expect(delayAbort(AbortSignal.abort('why'), 60_000).signal.reason).toBe('why')
})

test('the reason follows later, and not after a stop', async () => {
  const controller = new AbortController()
  const [followed, stopped] = [delayAbort(controller.signal, 10), delayAbort(controller.signal, 10)]
  controller.abort('why')
  expect([followed.signal.aborted, stopped.signal.aborted]).toEqual([false, false])
  stopped.stop()
  await new Promise((resolve) => followed.signal.addEventListener('abort', resolve))
  expect([followed.signal.reason, stopped.signal.aborted]).toEqual(['why', false])
})
