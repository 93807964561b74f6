import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { reconcile } from './reconcile.ts'
import { serverTargets } from './server-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-swap-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(serverTargets(folder))('on %s', (_, open) => {
  let server: OpenServer
  let reader: OpenServer | undefined
  const id = `s${randomUUID().slice(0, 8)}`
  const names = [id, `${id}/lts`, `${id}/stable`]
  const file = join(folder, `${id}.tar.gz`)
  const manifest = join(folder, `${id}.yaml`)
  const known: string[] = []

  beforeAll(async () => {
    if (open === undefined) return
    server = await open()
    writeFileSync(
      manifest,
      `version: 1\nname: ${id}\nservers: { it: ${server.yaml} }\nprune: {}\nimages:\n` +
        `  - { name: ${id}, source: { file: ${file} }, aliases: [${id}/lts, ${id}/stable], keep: 1 }\n`,
    )
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const fingerprint of known)
      if (await server.client.images.find(fingerprint)) await server.client.images.delete(fingerprint)
    await reader?.close()
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })

  const next = async (): Promise<void> => {
    makeImage(file, `${id} ${known.length}`)
    known.push((await fingerprintOf(file)).fingerprint)
    expect(await reconcile(manifest, server.client)).toMatchObject({ status: 'done' })
  }

  test('a second client that reads every alias without pause never misses one, nor the image that it names', async () => {
    await next()
    const wrong: string[] = []
    const seen = new Set<string>()
    let reads = 0
    let isOver = false
    const read = async (client: Client, name: string): Promise<void> => {
      const target = await targetOf(client, name)
      reads++
      if (target === undefined) return void wrong.push(`${name} is missing`)
      seen.add(target)
      if (!known.includes(target)) wrong.push(`${name} names unknown ${target}`)
      if (await client.images.find(target)) return
      // The old image may be deleted once the alias has moved, so by now the alias must name another image.
      if ((await targetOf(client, name)) === target) wrong.push(`${name} names ${target}, which is not there`)
    }
    const second = await server.connectAgain()
    reader = second
    const reading = names.map(async (name) => {
      while (!isOver) await read(second.client, name)
    })
    try {
      for (let swaps = 0; swaps < 6; swaps++) await next()
    } finally {
      isOver = true
      await Promise.all(reading)
    }
    await Promise.all(names.map((name) => read(second.client, name)))
    expect(wrong).toEqual([])
    expect(reads).toBeGreaterThan(names.length * known.length)
    expect([seen.has(known[0] ?? ''), seen.has(known.at(-1) ?? '')]).toEqual([true, true])
    for (const fingerprint of known.slice(0, -1))
      expect(await server.client.images.find(fingerprint)).toBeUndefined()
  })
})

async function targetOf(client: Client, name: string): Promise<string | undefined> {
  try {
    return (await client.aliases.get(name)).target
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}
