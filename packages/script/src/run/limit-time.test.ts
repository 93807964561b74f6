import { expect, test } from 'vitest'
import { limitTime, TimeoutError } from './limit-time.ts'

test('a script that hangs is given up after an abort, also if the abort came before the script began', async () => {
  const reason = new TimeoutError(100)
  const early = limitTime(undefined, 1)
  await expect(early.passed(AbortSignal.abort(reason))).rejects.toBe(reason)
  const late = limitTime(undefined, 1)
  const controller = new AbortController()
  const passed = late.passed(controller.signal)
  controller.abort(reason)
  await expect(passed).rejects.toBe(reason)
})
