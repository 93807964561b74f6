import { expect, test } from 'vitest'
import { trackDeletions } from './track-deletions.ts'

test('the deletions of a run on one server run one after the other, and only one that runs counts as live', async () => {
  const deletions = trackDeletions()
  const steps: string[] = []
  const ids: string[] = []
  const isLive: boolean[] = []
  const remove = (name: string, server: string): Promise<void> =>
    deletions.run(server, async (id) => {
      ids.push(id)
      steps.push(`${name} begins`)
      await Promise.resolve()
      isLive.push(deletions.isLive(id))
      steps.push(`${name} ends`)
    })
  await Promise.all([remove('first', 'one'), remove('second', 'one')])
  expect(steps).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
  expect(new Set(ids).size).toBe(2)
  expect(isLive).toEqual([true, true])
  expect(ids.some(deletions.isLive)).toBe(false)
})
