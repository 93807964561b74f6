import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@hyperkit/core'
import { applyPlan, changesOf, loadManifest, planRollback, renderPlan } from '@hyperkit/reconcile'
import { lockAliasOf } from '@hyperkit/reconcile/parts'
import { afterAll, describe, expect, test } from 'vitest'
import { interruptionTargets } from './interruption-targets.ts'
import { makeImage } from './make-image.ts'
import { openFront } from './open-front.ts'
import { describeReal, openEmbedded } from './open-server.ts'
import { reconcile } from './reconcile.ts'
import { runCommand, startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-rollback-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** A manifest of one image with two aliases, and its versions, the oldest first. */
async function publish(servers: Record<string, { yaml: string; client: Client }>, versions = 3) {
  const id = `r${randomUUID().slice(0, 8)}`
  const archive = join(cwd, `${id}.tar.gz`)
  const manifest = join(cwd, `${id}.yaml`)
  const fingerprints: string[] = []
  for (let version = 0; version < versions; version++) {
    makeImage(archive, `${id} ${version}`)
    for (const [name, { yaml, client }] of Object.entries(servers)) {
      writeFileSync(
        manifest,
        `version: 1\nname: ${id}\nservers: { ${name}: ${yaml} }\nimages: [{ name: ${id}, aliases: [${id}/lts], source: { file: ${archive} } }]\n`,
      )
      expect(await reconcile(manifest, client)).toMatchObject({ status: 'done' })
      fingerprints[version] = (await client.aliases.get(id)).target
    }
  }
  const list = Object.entries(servers).map(([name, { yaml }]) => `${name}: ${yaml}`)
  writeFileSync(
    manifest,
    `version: 1\nname: ${id}\nservers: { ${list.join(', ')} }\nimages: [{ name: ${id}, aliases: [${id}/lts], source: { file: ${archive} } }]\n`,
  )
  const names = [id, `${id}/lts`]
  return {
    id,
    manifest,
    fingerprints,
    run: (...args: string[]) => runCommand(['rollback', '--yes', '-f', manifest, ...args], { cwd }),
    targets: (client: Client) =>
      Promise.all(names.map(async (name) => (await client.aliases.get(name)).target)),
    async forward(client: Client) {
      for (const name of names) await client.aliases.update(name, { target: fingerprints.at(-1) ?? '' })
    },
  }
}

describe.each(interruptionTargets())('on %s %s', (kind, dialect) => {
  test('a rollback of an image that is killed after any answer and run again goes back one version', {
    timeout: 600_000,
  }, async (context) => {
    const behind = kind === 'real' ? describeReal(dialect) : undefined
    if (kind === 'real' && behind === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    const front = await openFront(cwd, dialect, behind)
    const { client } = front.second
    const { id, manifest, fingerprints, targets, forward } = await publish({ it: front })
    const [, before, newest] = fingerprints
    const loaded = await loadManifest(manifest)
    try {
      for (let answers = 1; ; answers++) {
        await forward(client)
        const interruption = front.killAfter(answers)
        const started = await startCommand(['rollback', '--yes', '-f', manifest, '--image', id], { cwd })
        interruption.watch(started)
        const { code } = await started.ended
        const happened = await interruption.happened()
        for (const target of await targets(client)) expect([before, newest]).toContain(target)
        // The next run would wait a minute for it.
        if (await client.aliases.find(lockAliasOf(id))) await client.aliases.delete(lockAliasOf(id))
        expect([answers, happened || code === 0]).toEqual([answers, true])
        // Not as a process of its own, which takes its time.
        const again = await planRollback(loaded, { image: id })
        expect([answers, again.rollback.refused]).toEqual([answers, []])
        const { servers } = await applyPlan(again, { manifest: loaded })
        expect([answers, servers]).toMatchObject([answers, [{ status: 'done' }]])
        expect([answers, await targets(client)]).toEqual([answers, [before, before]])
        if (happened) continue
        expect(answers).toBeGreaterThan(8)
        break
      }
    } finally {
      for (const fingerprint of fingerprints) await client.images.delete(fingerprint)
      await front.close()
    }
  })

  test('a rollback of an image moves all its aliases, and of an alias only this one', async (context) => {
    const behind = kind === 'real' ? describeReal(dialect) : undefined
    if (kind === 'real' && behind === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    const front = await openFront(cwd, dialect, behind)
    const { client } = front
    const { id, manifest, fingerprints, run, targets } = await publish({ it: front })
    const [first, before, newest] = fingerprints
    try {
      expect((await run(`${id}/lts`)).code).toBe(0)
      expect(await targets(client)).toEqual([newest, before])
      const { code, stdout } = await run('--image', id)
      expect([code, await targets(client)]).toEqual([0, [before, before]])
      expect(stdout).toContain(`it: alias "${id}/lts" stays: it already points at ${before?.slice(0, 12)}`)
      expect(stdout).toContain('1 moved')
      const loaded = await loadManifest(manifest)
      const plan = await planRollback(loaded, { image: id }, { to: first?.slice(0, 12) ?? '' })
      expect(changesOf(plan).map((change) => 'alias' in change && change.alias)).toEqual([id, `${id}/lts`])
      const repeated = await planRollback(loaded, { image: id })
      expect([renderPlan(repeated), repeated.rollback]).toEqual([
        'No changes.\n',
        {
          alias: id,
          image: id,
          to: null,
          servers: [],
          refused: [],
          unchanged: [
            { server: 'it', alias: id, why: expect.stringContaining('choose another one with --to') },
            { server: 'it', alias: `${id}/lts`, why: expect.any(String) },
          ],
        },
      ])
      await client.aliases.delete(id)
      expect((await run('--image', id, '--to', newest ?? '')).code).toBe(0)
      expect((await client.aliases.get(`${id}/lts`)).target).toBe(newest)
    } finally {
      for (const fingerprint of fingerprints) await client.images.delete(fingerprint)
      await front.close()
    }
  })
})

test('a rollback is repeated for a server that was away, and the others go no further back', async () => {
  const a = await openEmbedded(cwd, { dialect: 'incus' })
  const b = await openEmbedded(cwd, { dialect: 'lxd' })
  const { id, manifest, fingerprints, run, targets } = await publish({ a, b })
  const [, before, newest] = fingerprints
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(manifest, text.replace(b.url, 'https://127.0.0.1:1'))
  const { code, stderr } = await run('--image', id)
  expect([code, stderr]).toEqual([1, expect.stringContaining(`Cannot roll back image "${id}" on "b": `)])
  const both = async () => [await targets(a.client), await targets(b.client)]
  expect(await both()).toEqual([
    [before, before],
    [newest, newest],
  ])
  writeFileSync(manifest, text)
  expect((await run('--image', id)).code).toBe(0)
  expect(await both()).toEqual([
    [before, before],
    [before, before],
  ])
  await Promise.all([a.close(), b.close()])
})
