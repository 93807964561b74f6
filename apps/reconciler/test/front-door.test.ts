// biome-ignore-all lint/suspicious/noTemplateCurlyInString: manifests contain such references to variables
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { ArgumentError } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import {
  type ApplyPlanOptions,
  applyPlan,
  changesOf,
  exportManifest,
  type LoadedManifest,
  loadManifest,
  type ManifestPlan,
  PlanRefusedError,
  planManifest,
  planRollback,
  readHistory,
  readPlanFile,
  renderPlan,
  renderReport,
  StalePlanError,
  type WatchEvent,
  watchManifest,
  writePlanFile,
} from '@hyperkit/reconcile'
import { type Lock, lockAliasOf, takeLock } from '@hyperkit/reconcile/parts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CountedServer, countConnections } from './count-connections.ts'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { serverTargets } from './server-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-door-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A manifest with one image, and a function that makes new versions of its file. */
function declareImage(server: Pick<OpenServer, 'yaml'>, more = '') {
  const name = `d${randomUUID().slice(0, 8)}`
  const file = join(folder, `${name}.tar.gz`)
  const path = join(folder, `${name}.yaml`)
  const write = (version: string): void => makeImage(file, `${name} ${version}`)
  write('first')
  writeFileSync(
    path,
    `version: 1\nname: ${name}\nservers: { it: ${server.yaml} }\nimages:\n  - { name: ${name}, source: { file: ${file} }${more} }\n`,
  )
  const fingerprint = async (): Promise<string> => (await fingerprintOf(file)).fingerprint
  return { name, path, write, fingerprint }
}

/** Fingerprints of images that must be deleted after the tests, because the servers stay. */
const made = new Set<string>()

/** Loads a manifest and makes its plan. */
async function planOf(path: string): Promise<{ manifest: LoadedManifest; plan: ManifestPlan }> {
  const manifest = await loadManifest(path)
  return { manifest, plan: await planManifest(manifest) }
}

/** Applies the manifest and returns it. */
async function apply(path: string): Promise<LoadedManifest> {
  const { manifest, plan: first } = await planOf(path)
  const report = await applyPlan(first, { manifest })
  for (const { results } of report.servers) for (const { change } of results) made.add(change.fingerprint)
  expect(report.servers.map(({ status }) => status)).toEqual(['done'])
  return manifest
}

/** Puts the first version of an image on the server, and plans the second one. */
async function planSecond(server: OpenServer) {
  const declared = declareImage(server)
  await apply(declared.path)
  const first = await declared.fingerprint()
  declared.write('second')
  made.add(await declared.fingerprint())
  return { ...declared, first, ...(await planOf(declared.path)) }
}

describe.each(serverTargets(folder))('on %s', (_, open) => {
  let server: OpenServer
  beforeAll(async () => {
    if (open !== undefined) server = await open()
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const fingerprint of made)
      if (await server.client.images.find(fingerprint)) await server.client.images.delete(fingerprint)
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })

  test('five lines bring an image to a server, and the next plan has no changes', async () => {
    const { name, path, fingerprint } = declareImage(server)
    made.add(await fingerprint())
    const manifest = await loadManifest(path)
    const plan = await planManifest(manifest)
    const shown = renderPlan(plan)
    const report = await applyPlan(plan, { manifest })
    const told = renderReport(report)

    expect(shown).toContain(`+ upload image ${name}`)
    expect(told).toMatch(/^Done: 1 image uploaded/)
    expect((await server.client.aliases.get(name)).target).toBe(await fingerprint())
    const next = await planManifest(manifest)
    expect(changesOf(next)).toEqual([])
    expect(renderPlan(next)).toContain('No changes.')
  })

  test('a plan is data: it is the same after it was written as JSON and read again', async () => {
    const { path, fingerprint } = declareImage(server)
    made.add(await fingerprint())
    const manifest = await loadManifest([path])
    const plan = JSON.parse(JSON.stringify(await planManifest(manifest))) as ManifestPlan
    const report = await applyPlan(plan, { manifest })
    expect(report.servers.map(({ status }) => status)).toEqual(['done'])
  })

  test('a plan is refused if an alias has moved since, and nothing is done or left locked', async () => {
    const { name, first, fingerprint, manifest, plan } = await planSecond(server)
    const other = declareImage(server)
    const image = await uploadImage(server.client, join(folder, `${other.name}.tar.gz`))
    made.add(image.fingerprint)
    await server.client.aliases.update(name, { target: image.fingerprint })

    const error = await applyPlan(plan, { manifest }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StalePlanError)
    const { message, moved } = error as StalePlanError
    expect(message).toMatch(
      /^Cannot apply the plan: it is stale, and nothing was changed; plan again and review it\n/,
    )
    expect(moved).toContainEqual({
      server: 'it',
      what: `alias "${name}"`,
      was: `pointed at ${first.slice(0, 12)}`,
      is: `points at ${image.fingerprint.slice(0, 12)}`,
    })
    expect(await server.client.images.find(await fingerprint())).toBeUndefined()
    expect(await server.client.aliases.find(lockAliasOf(name))).toBeUndefined()
  })

  test('if two runs apply one plan, one of them waits for the lock and then finds the work done', async () => {
    const { name, fingerprint, manifest, plan } = await planSecond(server)
    const ended = await Promise.allSettled([applyPlan(plan, { manifest }), applyPlan(plan, { manifest })])
    const reasons = ended.map((one) =>
      one.status === 'rejected' ? (one.reason as Error) : one.value.servers[0]?.error,
    )
    expect(reasons).toContain(undefined)
    expect(reasons).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('it is stale') }),
    )
    expect((await server.client.aliases.get(name)).target).toBe(await fingerprint())
    expect(await server.client.aliases.find(lockAliasOf(name))).toBeUndefined()
  })

  test('a run waits for the lock of another run, reports that, and continues when the lock is released', async () => {
    const { name, manifest, plan } = await planSecond(server)
    const take = (): Promise<Lock | undefined> =>
      takeLock(server.client, {
        manifest: name,
        owner: 'them@there',
        run: randomUUID(),
        aliases: [name],
        timeout: 0,
        signal: new AbortController().signal,
      })
    const lock = await take()
    const held = {
      code: 'already-exists',
      message: expect.stringContaining(`Cannot lock manifest "${name}"`),
    }
    expect((await applyPlan(plan, { manifest, lockTimeout: 0 })).servers).toMatchObject([
      { status: 'failed', error: held },
    ])
    const notes: string[] = []
    const report = await applyPlan(plan, {
      manifest,
      onNote(sentence) {
        notes.push(sentence)
        void lock?.release()
      },
    })
    expect(notes).toEqual([expect.stringMatching(/^it: waiting for the lock, which them@there holds until /)])
    expect(report.servers.map(({ status }) => status)).toEqual(['done'])
  })

  test('an alias goes back to the version before by a plan of its own, and the history names both', async () => {
    const { name, first, fingerprint, manifest, plan: second } = await planSecond(server)
    await applyPlan(second, { manifest })
    const { servers } = await readHistory(manifest, { image: name })
    const versions = servers.flatMap(({ images }) => images.flatMap((image) => image.versions))
    expect(versions.map((version) => version.fingerprint)).toEqual([await fingerprint(), first])

    const plan = await planRollback(manifest, name)
    expect(plan.rollback.refused).toEqual([])
    await applyPlan(plan, { manifest })
    expect((await server.client.aliases.get(name)).target).toBe(first)
    await expect(applyPlan(plan, { manifest })).rejects.toThrow(StalePlanError)
    expect((await planRollback(manifest, 'no/such')).rollback.refused).toEqual([
      { server: 'it', why: 'the alias does not exist' },
    ])
  })

  test('the plan of an exported manifest has no changes', async () => {
    const { name, path } = declareImage(server)
    await apply(path)
    const out = join(folder, `${name}-exported.yaml`)
    const withFiles = join(folder, `${name}-bundle`)
    const exported = await exportManifest(await loadManifest(path), { aliases: [name], out, withFiles })
    expect([exported.images, exported.out]).toEqual([1, out])
    expect(changesOf(await planManifest(await loadManifest(out)))).toEqual([])
  })
})

describe('on one server', () => {
  let server: OpenServer
  let counted: CountedServer
  beforeAll(async () => {
    server = await openEmbedded(folder, { dialect: 'incus' })
    counted = await countConnections(server.url)
  })
  afterAll(async () => {
    await counted.stop()
    await server.close()
  })
  const behindRelay = (): Pick<OpenServer, 'yaml'> => ({
    yaml: server.yaml.replace(server.url, counted.url),
  })

  test('an image of another manifest is refused, and everything else of the plan is done', async () => {
    const { name, path } = declareImage(server)
    await apply(path)
    const other = declareImage(server, `, aliases: [${name}]`)
    const file = join(folder, `${other.name}-own.tar.gz`)
    makeImage(file, `${other.name} own`)
    writeFileSync(
      other.path,
      readFileSync(other.path, 'utf8').replace(
        'images:',
        `images:\n  - { name: ${other.name}/own, source: { file: ${file} } }`,
      ),
    )
    const manifest = await loadManifest(other.path)
    const plan = await planManifest(manifest)
    const why = `it belongs to manifest "${name}", not to "${other.name}"`
    expect(renderPlan(plan)).toContain(why)
    expect((await applyPlan(plan, { manifest })).servers).toMatchObject([
      { status: 'failed', problems: [{ error: { message: expect.stringContaining(why) } }] },
    ])
    expect((await server.client.aliases.get(name)).description).toContain(name)
    expect(await server.client.aliases.find(`${other.name}/own`)).toBeDefined()
  })

  test('a plan that was made with prune is applied only with the same option', async () => {
    const { name, path, fingerprint } = declareImage(server)
    await apply(path)
    writeFileSync(
      path,
      `version: 1\nname: ${name}\nservers: { it: ${server.yaml} }\nprune: { maxDelete: 5 }\nimages: []\n`,
    )
    await server.client.aliases.delete(name)
    const shrunken = await loadManifest(path)
    await expect(planManifest(shrunken)).rejects.toThrow(PlanRefusedError)
    const plan = await planManifest(shrunken, { allowEmpty: true })
    expect(changesOf(plan).map(({ action }) => action)).toEqual(['delete-image'])
    await expect(applyPlan(plan, { manifest: shrunken })).rejects.toThrow(PlanRefusedError)
    expect(await server.client.images.find(await fingerprint())).toBeDefined()
    await applyPlan(plan, { manifest: shrunken, allowEmpty: true })
    expect(await server.client.images.find(await fingerprint())).toBeUndefined()
  })

  test('a plan is not applied without its manifest, with another one, or as a bare document', async () => {
    const { name, path } = declareImage(server)
    const { manifest, plan } = await planOf(path)
    for (const options of [undefined, {}] as unknown as ApplyPlanOptions[]) {
      const error = await applyPlan(plan, options).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ArgumentError)
      expect((error as Error).message).toBe(
        'Cannot apply the plan without its manifest: pass { manifest }, the result of loadManifest that the plan was made from',
      )
    }
    const other = declareImage(server)
    await expect(applyPlan(plan, { manifest: await loadManifest(other.path) })).rejects.toThrow(
      `Cannot apply the plan: it was made from manifest "${name}", not from "${other.name}"`,
    )
    const { seen: _, ...bare } = plan
    await expect(applyPlan(bare as ManifestPlan, { manifest })).rejects.toThrow(
      'Cannot apply the plan: it does not say what it is based on',
    )
    expect(await server.client.aliases.find(name)).toBeUndefined()
  })

  test('a plan for some servers is applied to these, and no other server is asked', async () => {
    const { name, path } = declareImage(server)
    writeFileSync(
      path,
      `version: 1\nname: ${name}\nservers: { it: ${server.yaml}, away: { socket: /nowhere/unix.socket } }\nimages:\n  - { name: ${name}, source: { file: ${name}.tar.gz } }\n`,
    )
    const manifest = await loadManifest(path)
    const plan = await planManifest(manifest, { servers: ['it'] })
    const report = await applyPlan(plan, { manifest })
    expect(report.servers.map((one) => [one.name, one.status])).toEqual([['it', 'done']])
    const all = await planManifest(manifest)
    expect(all.servers.map((one) => [one.name, one.status])).toEqual([
      ['it', 'planned'],
      ['away', 'unread'],
    ])
  })

  test('a plan that was written to a file is applied from there, unless its manifest was changed', async () => {
    const { name, path, fingerprint } = declareImage(server)
    const { manifest, plan } = await planOf(path)
    const file = join(folder, `${name}-plan.json`)
    await writePlanFile(file, plan, { manifest })
    const read = await readPlanFile(file)
    expect(renderPlan(read)).toBe(renderPlan(plan))

    writeFileSync(path, '# looked at\n', { flag: 'a' })
    await expect(applyPlan(read, { manifest: await loadManifest(path) })).rejects.toThrow(/manifest ".*" had/)
    await applyPlan(read, { manifest })
    expect((await server.client.aliases.get(name)).target).toBe(await fingerprint())
  })

  test('a plan that contains the value of a secret is not written to a file', async () => {
    const { path } = declareImage(server, ', properties: { key: "${DOOR_TOKEN}" }')
    const manifest = await loadManifest(path, { environment: { DOOR_TOKEN: 'abcdefgh' } })
    const file = join(folder, 'secret.json')
    await expect(writePlanFile(file, await planManifest(manifest), { manifest })).rejects.toThrow(
      'it contains the value of "${DOOR_TOKEN}", and secrets are never written to files',
    )
  })

  test('a plan and an apply leave no connection open, whether they succeed or fail or are aborted', async (context) => {
    if ('bun' in process.versions)
      context.skip(
        'Bun keeps idle connections in a pool of its own, which nothing can close; they hold up no process',
      )
    const { path, write } = declareImage(behindRelay())
    const { manifest, plan } = await planOf(path)
    expect(counted.opened).toBeGreaterThan(0)
    await counted.closed()
    await applyPlan(plan, { manifest })
    await counted.closed()
    write('second')
    await expect(applyPlan(plan, { manifest })).rejects.toThrow(StalePlanError)
    await counted.closed()
    const next = await planManifest(manifest)
    const stop = new AbortController()
    const report = await applyPlan(next, {
      manifest,
      signal: stop.signal,
      onEvent: ({ kind }) => kind === 'begun' && stop.abort(),
    })
    expect(report.servers.map(({ status }) => status)).toEqual(['interrupted'])
    await counted.closed()
  })

  test('a call with an aborted signal rejects with its reason, and an abort during an apply is in the report', async () => {
    const { name, fingerprint, manifest, plan } = await planSecond(server)
    const reason = new Error('enough')
    for (const call of [
      () => planManifest(manifest, { signal: AbortSignal.abort(reason) }),
      () => applyPlan(plan, { manifest, signal: AbortSignal.abort(reason) }),
    ])
      await expect(call()).rejects.toBe(reason)

    const stop = new AbortController()
    const { servers } = await applyPlan(plan, {
      manifest,
      signal: stop.signal,
      onEvent: ({ kind }) => kind === 'begun' && stop.abort(reason),
    })
    expect(servers.map(({ status }) => status)).toEqual(['interrupted'])
    expect((await server.client.aliases.get(name)).target).not.toBe(await fingerprint())
    expect(await server.client.aliases.find(lockAliasOf(name))).toBeUndefined()
  })

  test('a watch makes a server match the manifest, and ends when its signal is aborted', async () => {
    const { name, path, fingerprint } = declareImage(server)
    const manifest = await loadManifest(path)
    const stop = new AbortController()
    const events: WatchEvent[] = []
    await expect(watchManifest(manifest, { signal: stop.signal, interval: 0 })).rejects.toThrow(
      'Cannot watch with an interval of 0 ms: use 1000 or more',
    )
    await watchManifest(manifest, {
      signal: stop.signal,
      onEvent(event) {
        events.push(event)
        if (event.kind === 'run') stop.abort()
      },
    })
    expect(events.map(({ kind }) => kind)).toContain('change')
    expect((await server.client.aliases.get(name)).target).toBe(await fingerprint())
  })
})
