import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  explainAbsence,
  explainRegistryAbsence,
  type Registry,
  startRegistry,
  startServer,
} from '@hyperkit/conformance'
import { changesOf } from '@hyperkit/reconcile'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-registry-'))
const absence = explainRegistryAbsence()
const isDeno = 'deno' in process.versions
const isNode = process.versions.bun === undefined && !('deno' in process.versions)
let registry: Registry

beforeAll(async () => {
  if (absence === undefined) registry = await startRegistry()
})
afterAll(async () => {
  await registry?.stop()
  rmSync(cwd, { recursive: true, force: true })
})

// On Node only, and only if one can be started.
const hasReal = isNode && absence === undefined && explainAbsence('incus-7.0') === undefined

// Servers download in the same way whatever runtime this client has, so one runtime tests the real one.
const kinds = isNode ? (['embedded', 'real'] as const) : (['embedded'] as const)

async function openTarget(kind: 'embedded' | 'real'): Promise<OpenServer> {
  if (kind === 'embedded')
    return openEmbedded(cwd, { dialect: 'incus-7.0', authorities: registry.certificate })
  const daemon = await startServer('incus-7.0', { environment: { SSL_CERT_FILE: registry.certificateFile } })
  const opened = await openOver(cwd, daemon)
  return {
    ...opened,
    async close() {
      await opened.close()
      await daemon.stop()
    },
  }
}

describe.each(kinds)('an image of a registry on an %s Incus 7', (kind) => {
  const absent = absence ?? (kind === 'real' ? explainAbsence('incus-7.0') : undefined)
  let target: OpenServer
  let id = ''
  let pushed = 0

  beforeAll(async () => {
    if (absent === undefined) target = await openTarget(kind)
  })
  afterAll(() => target?.close())
  beforeEach((context) => {
    if (absent !== undefined) context.skip(absent)
    id = `m${randomUUID().slice(0, 8)}`
  })

  const push = (tag = '1'): Promise<string> =>
    registry.push({ repository: `team/${id}`, tag, layers: ['base', `${id} ${++pushed}`] })
  const write = (more = '', { alias = `team/${id}:1`, top = '', server = target.yaml } = {}): string => {
    const path = join(cwd, `${id}.yaml`)
    writeFileSync(
      path,
      `version: 1\nname: ${id}\n${top}servers: { it: ${server} }\nimages:\n  - name: ${id}\n    source: { remote: "${registry.url}", protocol: oci, alias: "${alias}", serverCertificate: "${registry.certificateFile}" }\n${more}`,
    )
    return path
  }
  const current = async (): Promise<string> => (await target.client.aliases.get(id)).target
  const run = (...args: string[]) =>
    runCommand([...args, '-f', `${id}.yaml`], { cwd, environment: { DOCKER_CONFIG: cwd } })

  test('a plan knows its fingerprint, and sees that the tag moved', async () => {
    const digest = await push()
    const path = write('    properties: { purpose: test }\n    propertiesMode: exact\n')
    const [download] = changesOf(await planOf(path))
    expect(download).toMatchObject({
      action: 'download-image',
      from: { kind: 'remote', server: registry.url, protocol: 'oci', alias: `team/${id}:1` },
    })
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    const image = await target.client.images.getByAlias(id)
    expect(image).toMatchObject({
      fingerprint: download && 'fingerprint' in download ? download.fingerprint : '',
      // What says that its fingerprint is not that of its content stays, whatever the manifest wants of the others.
      properties: { type: 'oci', purpose: 'test', 'hyperkit.manifest': id },
      updateSource: { protocol: 'oci', server: registry.url, alias: `team/${id}@${digest}` },
    })
    expect(Object.keys(image.properties)).not.toContain('description')
    expect(actionsOf(await planOf(path))).toEqual([])
    // It was downloaded by its digest, which the server would look for again and again.
    expect(outcomesOf(await applyOf(write('    autoUpdate: true\n')))).toEqual([
      expect.stringContaining('so "autoUpdate" would update nothing; delete it there'),
    ])
    write('    properties: { purpose: test }\n    propertiesMode: exact\n')
    await push()
    expect(actionsOf(await planOf(path))).toEqual(['download-image', 'update-alias'])
    await applyOf(path)
    expect(await current()).not.toBe(image.fingerprint)
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('a manifest names a registry by its remote in the configuration of incus, with its certificate and helper', async () => {
    await push()
    const folder = join(cwd, 'incus')
    mkdirSync(join(folder, 'servercerts'), { recursive: true })
    writeFileSync(join(folder, 'servercerts/hub.crt'), registry.certificate)
    writeFileSync(
      join(folder, 'config.yml'),
      `remotes:\n  hub: { addr: "${registry.url}/team", protocol: oci, public: true, credentials_helper: docker-credential-absent }\n`,
    )
    writeFileSync(
      join(cwd, `${id}.yaml`),
      `version: 1\nname: ${id}\nservers: { it: ${target.yaml} }\nimages: [{ name: ${id}, source: { remote: hub, alias: "${id}:1" } }]\n`,
    )
    const environment = { INCUS_CONF: folder, DOCKER_CONFIG: cwd, XDG_CACHE_HOME: join(cwd, `cache-${id}`) }
    const applied = await runCommand(['apply', '--yes', '-f', `${id}.yaml`], { cwd, environment })
    expect([applied.code, applied.code === 0 ? '' : applied.stderr]).toEqual([0, ''])
    const { updateSource } = await target.client.images.getByAlias(id)
    expect(updateSource).toMatchObject({
      server: `${registry.url}/team`,
      alias: expect.stringMatching(`^${id}@sha256:`),
    })
    // An index or a manifest, and a configuration; the next plan asks only for the digest of the tag.
    expect(readdirSync(join(cwd, `cache-${id}/hyperkit/registries`))).toHaveLength(2)
  })

  test('autoUpdate lets the server follow the tag itself', async () => {
    await push()
    const path = write('    autoUpdate: true\n')
    await applyOf(path)
    const image = await target.client.images.getByAlias(id)
    expect(image).toMatchObject({ autoUpdate: true, updateSource: { alias: `team/${id}:1` } })
    await push()
    expect(await target.client.images.refresh(image.fingerprint)).toMatchObject({ refreshed: true })
    expect(actionsOf(await planOf(path)).filter((action) => action !== 'update-image')).toEqual([])
  })

  test('a lock file pins the digest until update moves it, and history and rollback work as for others', async (context) => {
    if (isDeno)
      context.skip('ten commands take a minute on Deno, where frozen.test.ts runs them for other sources')
    if (kind === 'embedded' && hasReal) context.skip('the real server is tested instead')
    const first = await push()
    write()
    const updated = await run('update')
    expect([updated.code, updated.stderr]).toEqual([0, `Wrote "${id}.lock.yaml"\n`])
    const lock = readFileSync(join(cwd, `${id}.lock.yaml`), 'utf8')
    expect(lock).toContain(`serial: ${first}`)
    await push()
    const noted = await run('plan')
    expect(noted.stderr).toContain('run "update" to write it')
    expect((await run('apply', '--frozen', '--yes')).code).toBe(0)
    const one = await current()
    expect(lock).toContain(one)
    expect((await target.client.images.get(one)).updateSource?.alias).toBe(`team/${id}@${first}`)
    expect(await run('plan', '--frozen', '--detailed-exitcode')).toMatchObject({ code: 0 })
    expect((await run('update')).code).toBe(0)
    expect((await run('apply', '--frozen', '--yes')).code).toBe(0)
    const two = await current()
    expect(two).not.toBe(one)
    const history = await run('history')
    expect(history.stdout).toContain(one.slice(0, 12))
    expect(history.stdout).toContain(two.slice(0, 12))
    expect((await run('rollback', '--yes', '--image', id)).code).toBe(0)
    expect(await current()).toBe(one)
  })

  test('pruning deletes an older version of it, and nothing else', async () => {
    await push()
    const path = write('    keep: 1\n', { top: 'prune: {}\n' })
    await applyOf(path)
    const one = await current()
    await push()
    await applyOf(path)
    await applyOf(path)
    expect(await target.client.images.find(one)).toBeUndefined()
    expect(await target.client.images.find(await current())).toBeDefined()
  })

  test('what a registry does not have, and what is no image of one, is refused in a sentence, and nothing changes', async () => {
    await push()
    const foreign = await registry.push({
      repository: `team/${id}`,
      tag: 'foreign',
      architecture: 's390x',
      layers: ['s'],
    })
    await registry.pushIndex(`team/${id}`, 'index', [{ digest: foreign, architecture: 's390x' }])
    for (const [alias, why] of [
      [`team/${id}:9`, 'no such repository, or no such tag'],
      [`team/${id}:foreign`, 'only for s390x'],
      [`team/${id}:index`, 'only for s390x'],
    ] as const) {
      expect(outcomesOf(await applyOf(write('', { alias })))).toEqual([expect.stringContaining(why)])
    }
    const old = await openEmbedded(cwd, { dialect: 'lxd-5.0' })
    expect(outcomesOf(await applyOf(write('', { server: old.yaml })))).toEqual([
      expect.stringMatching(/to "it": this LXD 5\.0\.2 lacks the API extension "instance_oci"/),
    ])
    await old.close()
    expect(
      (await target.client.images.list()).filter(({ properties }) => properties['hyperkit.manifest'] === id),
    ).toEqual([])
  })
})
