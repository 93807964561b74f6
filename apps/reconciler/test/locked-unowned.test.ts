import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { type AuditLine, applyPlan, loadManifest, planManifest } from '@hyperkit/reconcile'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-locked-unowned-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('an image of somebody else that the lock file names gets no owner and is not pruned after the source has changed', async () => {
  const server = await openEmbedded(cwd, { dialect: 'incus' })
  const file = join(cwd, 'web.tar.gz')
  makeImage(file, 'one')
  const { fingerprint } = await uploadImage(server.client, file)
  await server.client.aliases.create('web', { target: fingerprint })
  const path = join(cwd, 'images.yaml')
  writeFileSync(
    path,
    `version: 1\nname: me\nservers: { it: ${server.yaml} }\nimages: [{ name: web, source: { file: web.tar.gz }, keep: 1 }]\n`,
  )
  writeFileSync(
    join(cwd, 'images.lock.yaml'),
    `version: 1\nimages:\n  - name: web\n    fingerprint: ${fingerprint}\n    source: { kind: file, from: web.tar.gz }\n    lockedAt: 2026-11-29T12:00:00Z\n`,
  )
  const manifest = await loadManifest(path)
  const actions: string[] = []
  const audit = ({ event, action }: AuditLine): void => void (event === 'ended' && actions.push(action))
  makeImage(file, 'two')
  for (const _ of ['the new version', 'a pass without changes', 'one that could prune'])
    await applyPlan(await planManifest(manifest), { manifest, audit })
  expect(actions).toEqual(['upload-image', 'update-alias'])
  expect(Object.keys((await server.client.images.get(fingerprint)).properties)).not.toContain(
    'hyperkit.manifest',
  )
  await server.close()
})
