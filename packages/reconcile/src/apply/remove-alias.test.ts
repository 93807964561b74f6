import type { Client } from '@hyperkit/core'
import { expect, test } from 'vitest'
import type { RemoveAlias } from '../documents/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'
import { removeAlias } from './remove-alias.ts'

const [planned, other] = ['a'.repeat(64), 'b'.repeat(64)]

/** A client that remembers how it was asked to delete an alias. */
function clientOf(): { client: Client; isStillMeant: ((alias: { target: string }) => boolean)[] } {
  const isStillMeant: ((alias: { target: string }) => boolean)[] = []
  const aliases = {
    find: async () => ({ name: 'web', target: planned }),
    delete: async (_: string, options: { isStillMeant: (alias: { target: string }) => boolean }) =>
      void isStillMeant.push(options.isStillMeant),
  }
  return { client: { name: 'berlin', aliases } as unknown as Client, isStillMeant }
}

test('an alias that was moved after the answer to its removal was lost is not removed again', async () => {
  const { client, isStillMeant } = clientOf()
  const change = { alias: 'web', before: { target: planned } } as RemoveAlias
  await removeAlias(client, change, {} as ApplyChangeOptions)
  const [isMeant] = isStillMeant
  expect([planned, other].map((target) => isMeant?.({ target }))).toEqual([true, false])
})
