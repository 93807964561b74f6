import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, Transport } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openFar } from './open-far.ts'
import type { OpenServer } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'
import { sourceTargets } from './source-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-remote-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const targets = sourceTargets(folder, [
  ['lxd', 'lxd'],
  ['incus', 'incus'],
  ['lxd', 'incus'],
  ['incus', 'lxd'],
])

describe.each(targets)('%s', (name, open) => {
  const protocol = name.endsWith('lxd') ? 'lxd' : 'incus'
  let target: OpenServer
  let source: OpenServer
  let id = ''
  const made = new Set<string>()

  beforeAll(async () => {
    if (open !== undefined) ({ target, source } = await open())
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { client } of [target, source])
      for (const fingerprint of made)
        if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
    await target.close()
    await source.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
    id = `r${randomUUID().slice(0, 8)}`
  })

  const publish = async (client: Client, content: string, isPublic = true): Promise<string> => {
    const file = join(folder, `${id}.tar.gz`)
    makeImage(file, `${id} ${content}`)
    const { fingerprint } = await uploadImage(client, file)
    await client.images.update(fingerprint, { public: isPublic })
    await client.aliases.set(`${id}/up`, { target: fingerprint })
    made.add(fingerprint)
    return fingerprint
  }
  const write = (sourceKeys: string, more = '', server = target.yaml): string => {
    const path = join(folder, `${id}.yaml`)
    const remote = `remote: "${source.url}", protocol: ${protocol}, serverCertificate: "${source.certificateFile}"`
    const from = sourceKeys.startsWith('{') ? sourceKeys : `{ ${remote}, ${sourceKeys} }`
    writeFileSync(
      path,
      `version: 1\nname: ${id}\nservers: { it: ${server} }\nimages:\n  - name: ${id}\n    source: ${from}\n    public: true\n    properties: { release: noble }\n${more}`,
    )
    return path
  }

  test("a server is given the image of the source's alias, and the new one when the alias moves", async () => {
    const first = await publish(source.client, 'one')
    const path = write(`alias: ${id}/up`)
    const planned = await planOf(path)
    const [server] = planned.servers
    expect(server).toMatchObject({
      changes: [
        {
          action: 'download-image',
          fingerprint: first,
          bytes: (await source.client.images.get(first)).size,
          from: { kind: 'remote', server: source.url, protocol, alias: `${id}/up` },
        },
        { action: 'create-alias', fingerprint: first },
      ],
    })
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    const image = await target.client.images.getByAlias(id)
    expect(image).toMatchObject({ fingerprint: first, public: true, aliases: [{ name: id }] })
    expect(image.properties).toEqual({
      os: 'hyperkit',
      description: 'a test image',
      release: 'noble',
      'hyperkit.manifest': id,
      'hyperkit.image': id,
    })
    expect(image.updateSource).toMatchObject({ server: source.url, alias: `${id}/up` })
    expect(actionsOf(await planOf(path))).toEqual([])

    const second = await publish(source.client, 'two')
    expect(actionsOf(await planOf(path))).toEqual(['download-image', 'update-alias'])
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    expect((await target.client.aliases.get(id)).target).toBe(second)
    expect(await target.client.images.find(first)).toBeDefined()
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('a server is given a private image by its secret, and an image by the beginning of its fingerprint', async () => {
    const hidden = await publish(source.client, 'private', false)
    const { secret } = await source.client.images.createSecret(hidden)
    const secretFile = join(folder, `${id}.secret`)
    writeFileSync(secretFile, `${secret}\n`)
    const path = write(`fingerprint: ${hidden}, secretFile: "${secretFile}"`)
    const planned = await planOf(path)
    expect(JSON.stringify(planned)).not.toContain(secret)
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    expect(actionsOf(await planOf(path))).toEqual([])

    const wrong = 'feed'.repeat(16)
    await target.client.images.delete(hidden)
    writeFileSync(secretFile, wrong)
    const refused = await applyOf(path)
    expect(refused.servers[0]?.status).toBe('failed')
    expect(JSON.stringify(refused)).not.toContain(wrong)

    const open = await publish(source.client, 'public')
    const short = write(`fingerprint: "${open.slice(0, 16)}"`)
    expect(actionsOf(await planOf(short))).toEqual(['download-image', 'create-alias'])
    expect((await applyOf(short)).servers[0]?.status).toBe('done')
    expect(actionsOf(await planOf(short))).toEqual([])
  })

  test('an alias that the source lacks is an error of that image alone, with its place in the manifest', async () => {
    const file = join(folder, `${id}-other.tar.gz`)
    makeImage(file, `${id} other`)
    const path = write(`alias: ${id}/never`, `  - { name: ${id}/other, source: { file: "${file}" } }\n`)
    const report = await applyOf(path)
    const made_ = await target.client.images.getByAlias(`${id}/other`)
    made.add(made_.fingerprint)
    expect(report.servers[0]?.status).toBe('failed')
    const [upload, alias, problem] = outcomesOf(report)
    expect([upload, alias]).toEqual(['it: upload-image: done', 'it: create-alias: done'])
    expect(problem).toContain(`it: ${id}: ${path}:6:13: Cannot`)
    expect(problem).toContain(`${id}/never`)
  })

  test('an image that differs from the planned one is not given to the server', async () => {
    const first = await publish(source.client, 'one')
    const path = write(`alias: ${id}/up`)
    const { prepare } = await import('./plan-and-apply.ts')
    const { carryOutPlan } = await import('@hyperkit/reconcile/parts')
    const prepared = await prepare(path)
    const second = await publish(source.client, 'two')
    const report = await carryOutPlan(prepared.plan, { ...prepared, signal: new AbortController().signal })
    await prepared.close()
    const [download, alias] = report.servers[0]?.results ?? []
    expect(download?.error).toMatchObject({ code: 'fingerprint-mismatch' })
    expect(download?.error?.message).toContain(
      `gave the server ${second.slice(0, 12)}, but ${first.slice(0, 12)} was planned; it was deleted again, and no alias was moved`,
    )
    expect(alias?.outcome).toBe('skipped')
    expect(await target.client.images.find(second)).toBeUndefined()
    expect(await target.client.aliases.find(id)).toBeUndefined()
  })

  test('an image that came by mistake stays if it is named and owned while its use is read', async () => {
    await publish(source.client, 'one')
    const path = write(`alias: ${id}/up`)
    const { prepare } = await import('./plan-and-apply.ts')
    const { carryOutPlan } = await import('@hyperkit/reconcile/parts')
    let second = ''
    const claim = async (): Promise<void> => {
      const stray = second
      second = ''
      await target.client.images.patch(stray, { properties: { 'hyperkit.manifest': `${id}-other` } })
      await target.client.aliases.set(`${id}/theirs`, { target: stray })
    }
    const wrapTransport = (transport: Transport): Transport => ({
      ...transport,
      async fetch(input, init) {
        const answer = await transport.fetch(input, init)
        const { pathname } = new URL(typeof input === 'string' ? input : input.url)
        if (second !== '' && pathname === '/1.0/instances') await claim()
        return answer
      },
    })
    const prepared = await prepare(path, {}, { wrapTransport })
    const stray = await publish(source.client, 'two')
    second = stray
    const report = await carryOutPlan(prepared.plan, { ...prepared, signal: new AbortController().signal })
    await prepared.close()
    expect(second).toBe('')
    expect(report.servers[0]?.results[0]?.error).toMatchObject({ code: 'fingerprint-mismatch' })
    expect(report.servers[0]?.results[0]?.error?.message).not.toContain('deleted again')
    expect(await target.client.images.find(stray)).toMatchObject({ aliases: [{ name: `${id}/theirs` }] })
  })

  test('an image that the server updated by itself stays, and regains only what the update lost', async () => {
    const first = await publish(source.client, 'one')
    const path = write(`alias: ${id}/up`)
    writeFileSync(path, `${readFileSync(path, 'utf8')}    autoUpdate: true\n`)
    await applyOf(path)
    const second = await publish(source.client, 'two')
    // A refresh, which the server otherwise does by itself every few hours.
    expect(await target.client.images.refresh(first)).toMatchObject({ refreshed: true })
    expect((await target.client.aliases.get(id)).target).toBe(second)
    const planned = await planOf(path)
    expect(actionsOf(planned)).toEqual(['update-image'])
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    const image = await target.client.images.getByAlias(id)
    expect(image).toMatchObject({ fingerprint: second, autoUpdate: true, public: true })
    expect(image.properties).toMatchObject({
      release: 'noble',
      'hyperkit.manifest': id,
      'hyperkit.image': id,
    })
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('an image goes through this process if the server cannot reach the source', async (context) => {
    if (!name.startsWith('embedded')) context.skip('real servers on one machine get at each other')
    const fingerprint = await publish(source.client, 'far')
    const far = await openFar(folder, name.startsWith('embedded lxd') ? 'lxd' : 'incus')
    const path = write(`alias: ${id}/up`, '', far.yaml)
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    expect(await far.client.images.getByAlias(id)).toMatchObject({
      fingerprint,
      public: true,
      properties: { release: 'noble', 'hyperkit.manifest': id, os: 'hyperkit' },
    })
    expect(actionsOf(await planOf(path))).toEqual([])
    await far.close()
  })

  test('an image declared by its fingerprint alone must exist already', async () => {
    const fingerprint = await publish(target.client, 'here')
    const path = write(`{ fingerprint: ${fingerprint} }`)
    expect(actionsOf(await planOf(path))).toEqual(['update-image', 'create-alias'])
    await applyOf(path)
    expect(actionsOf(await planOf(path))).toEqual([])
    const absent = write(`{ fingerprint: ${'f0'.repeat(32)} }`)
    const report = await applyOf(absent)
    expect(report.servers[0]?.status).toBe('failed')
    expect(outcomesOf(report)).toEqual([
      `it: ${id}: Cannot plan image "${id}" for "it": the manifest gives only its fingerprint f0f0f0f0f0f0, and the server has no such image; upload it there, or give it a source`,
    ])
  })
})
