import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { carryOutPlan } from '@hyperkit/reconcile/parts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { outcomesOf, prepare } from './plan-and-apply.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-hung-change-'))
let hung: OpenServer
let healthy: OpenServer
/** Set while requests from the one that creates an image on are not answered. */
let hanging: Promise<void> | undefined
let isHung = false

beforeAll(async () => {
  hung = await openEmbedded(cwd, {
    dialect: 'incus',
    faults: async (request, answer) => {
      const isCreation = request.method === 'POST' && new URL(request.url).pathname === '/1.0/images'
      if (hanging !== undefined && isCreation) isHung = true
      if (isHung) await hanging
      return answer()
    },
  })
  healthy = await openEmbedded(cwd, { dialect: 'lxd' })
})
afterAll(async () => {
  await hung.close()
  await healthy.close()
  rmSync(cwd, { recursive: true, force: true })
})

test('with --parallelism 1, a server that hangs while it is changed does not keep a healthy one from its image', async () => {
  const file = join(cwd, 'a.tar.gz')
  makeImage(file, randomUUID())
  const { fingerprint } = await fingerprintOf(file)
  const path = join(cwd, 'images.yaml')
  writeFileSync(
    path,
    `version: 1\nname: hung\nservers: { hung: ${hung.yaml}, healthy: ${healthy.yaml} }\n` +
      `images: [{ name: hung, source: { file: ${file} } }]\n`,
  )
  const { plan, open, identify, desired, close } = await prepare(path)
  let answerAgain = (): void => undefined
  hanging = new Promise((resolve) => {
    answerAgain = resolve
  })
  const worked: string[] = []
  const { signal } = new AbortController()
  const report = await carryOutPlan(plan, {
    signal,
    open,
    identify,
    desired,
    parallelism: 1,
    lock: { timeout: 0 },
    onWorked({ name, status }) {
      worked.push(`${name} ${status}`)
      // Only now: the healthy server has not waited for it.
      answerAgain()
    },
  }).finally(close)
  expect(isHung).toBe(true)
  expect(worked).toEqual(['healthy done', 'hung done'])
  expect(outcomesOf(report)).toEqual([
    'hung: upload-image: done',
    'hung: create-alias: done',
    'healthy: upload-image: done',
    'healthy: create-alias: done',
  ])
  expect((await hung.client.aliases.get('hung')).target).toBe(fingerprint)
})
