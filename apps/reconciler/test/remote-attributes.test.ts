import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'
import { sourceTargets } from './source-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-remote-attributes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const targets = sourceTargets(folder, [
  ['lxd', 'lxd'],
  ['incus', 'incus'],
])

describe.each(targets)('%s', (name, open) => {
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
  })

  test('an image that a server downloads ends with the attributes of the manifest and no others', async () => {
    if (open === undefined) return
    const { target, source } = await open()
    const id = `r${randomUUID().slice(0, 8)}`
    const file = join(folder, `${id}.tar.gz`)
    makeImage(file, id, 'expiry_date: 1900000000\n')
    const { fingerprint } = await uploadImage(source.client, file, { public: true, aliases: [`${id}/up`] })
    onTestFinished(async () => {
      for (const { client, close } of [target, source]) {
        if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
        await close()
      }
    })
    const path = join(folder, `${id}.yaml`)
    const write = (more: string): void =>
      writeFileSync(
        path,
        `version: 1\nname: ${id}\nservers: { it: ${target.yaml} }\nimages:\n  - name: ${id}\n` +
          `    source: { remote: "${source.url}", protocol: ${name.endsWith('lxd') ? 'lxd' : 'incus'}, serverCertificate: "${source.certificateFile}", alias: ${id}/up }\n${more}`,
      )
    write(
      '    autoUpdate: true\n    profiles: []\n    filename: "ü name.tar.gz"\n    expiresAt: never\n    propertiesMode: exact\n    properties: { release: noble }\n',
    )
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    const image = await target.client.images.get(fingerprint)
    expect(image).toMatchObject({
      autoUpdate: true,
      profiles: [],
      filename: 'ü name.tar.gz',
      expiresAt: undefined,
      updateSource: { alias: `${id}/up` },
    })
    expect(image.properties).toEqual({
      release: 'noble',
      'hyperkit.manifest': id,
      'hyperkit.image': id,
    })
    expect(actionsOf(await planOf(path))).toEqual([])

    write('    autoUpdate: false\n    profiles: [default]\n    public: true\n')
    expect(outcomesOf(await applyOf(path))).toEqual(['it: update-image: done'])
    expect(await target.client.images.get(fingerprint)).toMatchObject({
      autoUpdate: false,
      profiles: ['default'],
      public: true,
      filename: 'ü name.tar.gz',
    })
    expect(actionsOf(await planOf(path))).toEqual([])
  })
})
