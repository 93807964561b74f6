import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainNewAlias, readHolder, writeHolder } from '@hyperkit/core/parts'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { lockAliasOf, releaseLock, takeLock } from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { reconcile } from './reconcile.ts'
import { serverTargets } from './server-targets.ts'
import { runCommand, startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-lock-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe.each(serverTargets(cwd))('on %s', (_, open) => {
  let server: OpenServer
  const id = `l${randomUUID().slice(0, 8)}`
  const file = join(cwd, `${id}.tar.gz`)
  const fingerprints: string[] = []
  const run = (...args: string[]) => runCommand([...args, '-f', `${id}.yaml`], { cwd })

  beforeAll(async () => {
    if (open === undefined) return
    server = await open()
    writeFileSync(
      join(cwd, `${id}.yaml`),
      `version: 1\nname: ${id}\nservers: { it: ${server.yaml} }\nimages: [{ name: ${id}, source: { file: ${file} } }]\n`,
    )
    makeImage(file, id)
    const { fingerprint } = await uploadImage(server.client, file)
    fingerprints.push(fingerprint)
    await server.client.aliases.create(id, { target: fingerprint })
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const fingerprint of fingerprints)
      if (await server.client.images.find(fingerprint)) await server.client.images.delete(fingerprint)
    await server.close()
  })
  afterEach(() => void vi.restoreAllMocks())
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })

  const take = (more: Partial<Parameters<typeof takeLock>[1]> = {}) =>
    takeLock(server.client, {
      manifest: id,
      owner: 'me@here',
      run: randomUUID(),
      aliases: [`${id}/never`, id],
      timeout: 0,
      signal: new AbortController().signal,
      ...more,
    })
  const leave = (expiresAt: Date) =>
    server.client.aliases.set(lockAliasOf(id), {
      target: fingerprints[0] ?? '',
      description: writeHolder({ owner: 'them@there', run: randomUUID(), expiresAt }),
    })

  test('exactly one of many concurrent runs gets the lock, even if a dead run left it behind', async () => {
    for (const isLeft of [false, true]) {
      if (isLeft) await leave(new Date(Date.now() - 1000))
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => take()))
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
      expect(won).toHaveLength(1)
      expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
        code: 'already-exists',
        message: expect.stringMatching(
          /: me@here holds it until .*; wait with --lock-timeout, or release it with "force-unlock"/,
        ),
      })
      await won[0]?.value?.release()
      expect(await server.client.aliases.find(lockAliasOf(id))).toBeUndefined()
    }
  })

  test('one run may take its lock twice, and no other run can release it', async () => {
    const run = randomUUID()
    const lock = await take({ run })
    expect(await take({ run })).toBeDefined()
    expect(await releaseLock(server.client, id, randomUUID())).toBeUndefined()
    expect(await server.client.aliases.find(lockAliasOf(id))).toBeDefined()
    await lock?.release()
  })

  test('a lock ends one lease after the time of the server, although the clock of the run is an hour ahead', async () => {
    const before = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(before + 3_600_000)
    const lock = await take()
    const { description } = await server.client.aliases.get(lockAliasOf(id))
    await lock?.release()
    const left = (readHolder(description)?.expiresAt.getTime() ?? 0) - before
    // A server's Date has whole seconds.
    expect(left).toBeGreaterThan(58_000)
    expect(left).toBeLessThan(90_000)
  })

  test('a lock that a clock an hour ahead has left is free after one lease, and that is reported', async () => {
    const claimed = new Date(Date.now() + 3_600_000)
    await leave(claimed)
    const words = `not until ${claimed.toISOString()} as the lock says: the clock of that run is ahead of the server’s`
    await expect(take()).rejects.toThrow(`${words}; wait with --lock-timeout`)
    const waited: (Date | undefined)[] = []
    const lock = await take({
      timeout: 90_000,
      onWait({ expiresAt, claimed }) {
        waited.push(claimed)
        expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(60_000)
        const { now } = performance
        vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 61_000)
      },
    })
    expect(waited).toEqual([claimed])
    expect(lock).toBeDefined()
    await lock?.release()
  })

  test('a manifest with a name of 128 characters is locked on every server, and force-unlock releases it', async () => {
    const manifest = id.padEnd(128, 'x')
    writeFileSync(
      join(cwd, `${id}-long.yaml`),
      `version: 1\nname: ${manifest}\nservers: { it: ${server.yaml} }\nimages: []\n`,
    )
    const unlock = ['force-unlock', '--yes', '-f', `${id}-long.yaml`]
    expect(await take({ manifest })).toBeDefined()
    await expect(take({ manifest })).rejects.toThrow('me@here holds it until ')
    const released = 'it: released the lock of me@here\n'
    expect((await runCommand(unlock, { cwd })).stdout).toBe(released)
    const lock = await take({ manifest })
    await lock?.release()

    const whole = `hyperkit.lock/${manifest}`
    if (explainNewAlias(await server.client.server(), whole) === undefined)
      await server.client.aliases.create(whole, {
        target: fingerprints[0] ?? '',
        description: writeHolder({ owner: 'me@here', run: randomUUID(), expiresAt: new Date() }),
      })
    const left = (await server.client.aliases.find(whole)) === undefined ? 'it: not locked\n' : released
    expect((await runCommand(unlock, { cwd })).stdout).toBe(left)
    expect((await server.client.aliases.list()).map(({ name }) => name)).not.toContain(whole)
  })

  test('nothing is locked if none of the manifest’s aliases exists', async () => {
    expect(await take({ aliases: [`${id}/never`] })).toBeUndefined()
  })

  test('apply is refused while another run holds the lock, and force-unlock releases it', async () => {
    makeImage(file, `${id} newer`)
    fingerprints.push((await fingerprintOf(file)).fingerprint)
    await leave(new Date(Date.now() + 600_000))
    const apply = ['apply', '--yes', `${id}.yaml`]
    const held = await runCommand([...apply, '--lock-timeout', '0'], { cwd })
    expect(held.code).toBe(1)
    expect(held.stderr).toContain(`Cannot lock manifest "${id}" on `)
    expect(held.stderr).toContain(': them@there holds it until ')
    expect((await server.client.aliases.get(id)).target).toBe(fingerprints[0])
    expect(await run('force-unlock')).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') })

    const waiting = await startCommand(apply, { cwd })
    await waiting.shows('it: waiting for the lock, which them@there holds')
    expect((await run('force-unlock', '--yes')).stdout).toBe('it: released the lock of them@there\n')
    expect(await waiting.ended).toMatchObject({ code: 0 })
    expect((await server.client.aliases.get(id)).target).toBe(fingerprints[1])
    expect((await run('force-unlock', '--yes')).stdout).toBe('it: not locked\n')
  })

  test('a run that waited for another plans again, and does not report the work of the other as its own', async () => {
    makeImage(file, `${id} meanwhile`)
    fingerprints.push((await fingerprintOf(file)).fingerprint)
    await leave(new Date(Date.now() + 600_000))
    const waiting = await startCommand(['apply', '--yes', `${id}.yaml`], { cwd })
    await waiting.shows('it: waiting for the lock, which them@there holds')
    expect(await reconcile(join(cwd, `${id}.yaml`), server.client)).toMatchObject({ status: 'done' })
    await server.client.aliases.delete(lockAliasOf(id))
    const { code, stdout, stderr } = await waiting.ended
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('it: planned again after waiting for another run'),
    ])
    expect(stdout).toMatch(/upload image[\s\S]*No changes\./)
    expect(stdout).not.toContain('Done')
  })

  test('two runs of one manifest at the same time both succeed', async () => {
    makeImage(file, `${id} newest`)
    fingerprints.push((await fingerprintOf(file)).fingerprint)
    const runs = await Promise.all([1, 2].map(() => runCommand(['apply', '--yes', `${id}.yaml`], { cwd })))
    expect(runs).toMatchObject([{ code: 0 }, { code: 0 }])
    expect((await server.client.images.getByAlias(id)).aliases.map(({ name }) => name)).toEqual([id])
    expect((await server.client.aliases.get(id)).target).toBe(fingerprints.at(-1))
  })

  test('two first runs of a manifest at the same time both succeed, although nothing can be locked', async () => {
    const first = `${id}f`
    const archive = join(cwd, `${first}.tar.gz`)
    makeImage(archive, first)
    fingerprints.push((await fingerprintOf(archive)).fingerprint)
    writeFileSync(
      join(cwd, `${first}.yaml`),
      `version: 1\nname: ${first}\nservers: { it: ${server.yaml} }\nimages: [{ name: ${first}, source: { file: ${archive} } }]\n`,
    )
    const apply = ['apply', '--yes', `${first}.yaml`]
    const runs = await Promise.all([1, 2].map(() => runCommand(apply, { cwd })))
    expect(runs).toMatchObject([{ code: 0 }, { code: 0 }])
    const image = await server.client.images.getByAlias(first)
    expect(image).toMatchObject({
      fingerprint: fingerprints.at(-1),
      properties: { 'hyperkit.manifest': first },
      aliases: [{ name: first, description: `[hyperkit: ${first}]` }],
    })
  })
})

test('the holder of a lock reads back as it was written, and other text is not read as a holder', () => {
  const holder = { owner: 'me@here', run: randomUUID(), expiresAt: new Date('2027-01-01') }
  expect(readHolder(writeHolder(holder))).toEqual(holder)
  for (const text of ['', 'words', 'locked by me in run 1 until never'])
    expect(readHolder(text)).toBeUndefined()
})
