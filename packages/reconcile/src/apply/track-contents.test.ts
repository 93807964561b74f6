import { expect, test } from 'vitest'
import type { CopyImage, PlannedServer, PublishImage } from '../documents/plan.ts'
import { fingerprintToCome } from '../identity/fingerprint-to-come.ts'
import { createRoster } from './roster.ts'
import { trackContents } from './track-contents.ts'

const promised = fingerprintToCome('one', 'web')
const made = 'b'.repeat(64)
const publish: PublishImage = {
  action: 'publish-image',
  image: 'web',
  fingerprint: promised,
  from: { instance: 'web', snapshot: null },
  fields: [],
}
const copy: CopyImage = {
  action: 'copy-image',
  image: 'web',
  fingerprint: promised,
  from: { server: 'one' },
  fields: [],
  bytes: null,
}
const planned = (name: string, changes: PlannedServer['changes']): PlannedServer => ({
  status: 'planned',
  name,
  dialect: 'incus',
  serverVersion: null,
  changes,
  inSync: 0,
})

function begin(): { roster: ReturnType<typeof createRoster>; contents: ReturnType<typeof trackContents> } {
  const roster = createRoster(['one', 'two'])
  return { roster, contents: trackContents(roster) }
}

test('a copier waits for a source whose plan is still to come, and gets the image under the fingerprint that it was made with', async () => {
  const { roster, contents } = begin()
  let isThere = false
  const there = contents.whenThere('one', promised).then((failure) => {
    isThere = true
    return failure
  })
  const plan = planned('one', [publish])
  contents.expect(plan)
  roster.arrive(plan)
  await roster.planOf('one')
  expect([contents.isComing('one', promised), isThere]).toEqual([true, false])
  expect(contents.fillIn(copy)).toEqual(copy)
  contents.learn(promised, made)
  contents.ended('one', { change: publish, outcome: 'done', fingerprint: made })
  expect(await there).toBeUndefined()
  expect(contents.isComing('one', promised)).toBe(false)
  expect(contents.fillIn(copy)).toEqual({ ...copy, fingerprint: made })
  const after = { target: promised, description: '' }
  expect(
    contents.fillIn({ action: 'create-alias', image: 'web', alias: 'web', fingerprint: promised, after }),
  ).toMatchObject({ fingerprint: made, after: { target: made } })
})

test('a copier learns why its source did not get the image', async () => {
  const { roster, contents } = begin()
  const error = { code: 'operation-failed', message: 'the disk is full' }
  const plan = planned('one', [publish])
  contents.expect(plan)
  roster.arrive(plan)
  contents.ended('one', { change: publish, outcome: 'failed', error })
  expect(await contents.whenThere('one', promised)).toEqual(error)
})

test('a copier does not wait for a source that does not answer, or that the run brings nothing to', async () => {
  const { roster, contents } = begin()
  const error = { code: 'timeout', message: 'no answer' }
  roster.arrive({ status: 'unread', name: 'one', error })
  expect(await contents.whenThere('one', made)).toEqual(error)
  roster.arrive(planned('two', []))
  expect(await contents.whenThere('two', made)).toBeUndefined()
  expect(await contents.whenThere('elsewhere', made)).toBeUndefined()
})

test('a source that is planned again in the middle of the wait is still the one that is waited for', async () => {
  const { roster, contents } = begin()
  const plan = planned('one', [publish])
  contents.expect(plan)
  roster.arrive(plan)
  const there = contents.whenThere('one', promised)
  contents.expect(plan)
  contents.ended('one', { change: publish, outcome: 'done' })
  expect(await there).toBeUndefined()
})
