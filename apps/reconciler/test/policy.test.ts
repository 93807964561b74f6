import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf, outcomesOf, prepare } from './plan-and-apply.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-policy-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

let small: OpenServer
let large: OpenServer
beforeAll(async () => {
  // The volume is full long before its pool.
  const imageStore = { pool: 'images', volume: 'store', size: 2 ** 40, quota: 100 }
  small = await openEmbedded(cwd, { dialect: 'incus', imageStore })
  large = await openEmbedded(cwd, { dialect: 'lxd' })
  makeImage(join(cwd, 'a.tar.gz'), 'a')
})
afterAll(async () => {
  await small.close()
  await large.close()
})

function write(rest: string): string {
  const path = join(cwd, 'images.yaml')
  const servers = `{ small: ${small.yaml}, large: ${large.yaml} }`
  writeFileSync(path, `version: 1\nname: base\nservers: ${servers}\n${rest}`)
  return path
}

test('an entry that breaks the policy stops validate, plan and apply before a server is asked', async () => {
  const path = write(
    'policy: { sources: ["file:b*"], forbidPublic: true }\nimages:\n  - { name: web, public: true, source: { file: a.tar.gz } }\n',
  )
  const both = [
    expect.stringContaining(`${path}:6:5: image "web" is public, which "policy.forbidPublic" forbids`),
    expect.stringContaining(`${path}:6:40: image "web" comes from "file:${join(cwd, 'a.tar.gz')}"`),
  ]
  await expect(prepare(path)).rejects.toMatchObject({ code: 'invalid-configuration' })
  const { code, stderr } = await runCommand(['validate', path], { cwd })
  expect([code, stderr.trim().split('\n')]).toEqual([1, both])
  expect(await large.client.images.list()).toEqual([])
})

test('an image that is too large refuses the run, with its position', async () => {
  const path = write('policy: { maxSize: 10 }\nimages:\n  - { name: web, source: { file: a.tar.gz } }\n')
  const prepared = await prepare(path)
  await prepared.close()
  expect(prepared.refusals.map(({ message }) => message)).toEqual([
    expect.stringMatching(
      /images\.yaml:6:26: image "web" has \d+ bytes, more than the 10 that "policy.maxSize" allows$/,
    ),
  ])
})

test('an image that does not fit into the image store of one server is sent to the other only', async () => {
  const path = write('images:\n  - { name: web, source: { file: a.tar.gz } }\n')
  expect(outcomesOf(await applyOf(path))).toEqual([
    expect.stringMatching(
      /^small: upload-image: skipped: Cannot bring image "web" to "small": it needs \d+ bytes there, and its image store \(pool "images"\) has less free;/,
    ),
    'small: create-alias: skipped: not started: an earlier change of this image failed',
    'large: upload-image: done',
    'large: create-alias: done',
  ])
  expect(await small.client.images.list()).toEqual([])
})
