import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, fetchFromWeb } from '@hyperkit/connect'
import { copyImage, openSimplestreams, type Simplestreams } from '@hyperkit/core'
import {
  applyPlan,
  exportManifest,
  loadManifest,
  planManifest,
  planRollback,
  readHistory,
  renderHistory,
  renderPlan,
  renderReport,
} from '@hyperkit/reconcile'
import type { HostileCall } from './calls.ts'
import { issueToken } from './create-answers.ts'
import type { Scene } from './open-scene.ts'

const open = ({ url }: Scene): Simplestreams =>
  openSimplestreams(`${url}/streams-server`, {
    insecure: true,
    name: 'streams',
    fetch: fetchFromWeb(),
    createHash: () => createHash('sha256'),
    requestTimeout: 1_000,
  })

async function readFiles(scene: Scene, name: string): Promise<{ fingerprint: string; actual: string }> {
  const streams = open(scene)
  const image = await streams.resolve(name, { architecture: 'x86_64', signal: scene.signal })
  const source = streams.open(image, { signal: scene.signal })
  const hash = createHash('sha256')
  for (const file of source.kind === 'unified' ? [source] : [source.metadata, source.rootfs])
    for await (const piece of (await file.open()) as unknown as AsyncIterable<Uint8Array>) hash.update(piece)
  return { fingerprint: image.fingerprint, actual: hash.digest('hex') }
}

const isWhole = ({ fingerprint, actual }: { fingerprint: string; actual: string }): string | undefined =>
  fingerprint === actual ? undefined : 'the files that were read are not the image'

/** The manifest of a hostile server and an honest one; the honest one must get its image whatever the other does. */
function writeManifest({ folder, url, honestUrl, fresh, attack }: Scene, more = ''): string {
  const path = join(folder, 'images.yaml')
  const servers = `servers:\n  edge1: { url: "${url}", answerTimeout: 250ms }\n  good: { url: "${honestUrl}" }\n`
  const image = `  - { name: fresh, source: { file: ${fresh.paths[0]} } }\n`
  writeFileSync(path, `version: 1\nname: hostile\n${servers}images:\n${image}${more}`)
  return attack.faults.length >= 0 ? path : ''
}

const run = { lockTimeout: 300 }

/** Calls for a source that is hostile, and those of the reconciler. */
export const sourceCalls: Record<string, HostileCall> = {
  // A web server may be silent for a minute, and a provider for half a minute.
  'simplestreams.list': { waits: true, run: (scene) => open(scene).list({ signal: scene.signal }) },
  'simplestreams, a file': { waits: true, run: (scene) => readFiles(scene, 'alpine/edge'), doubt: isWhole },
  'simplestreams, two files': { waits: true, run: (scene) => readFiles(scene, 'debian/13'), doubt: isWhole },
  'copyImage from simplestreams': {
    waits: true,
    run: (scene) =>
      copyImage(open(scene), scene.honest, 'debian/13', { mode: 'relay', signal: scene.signal }),
    async doubt({ image }: { image: { fingerprint: string } }, { honest }: Scene) {
      return (await honest.images.hasContent(image.fingerprint)) ? undefined : 'the copy is not there'
    },
  },
  'images.createFromUrl': {
    waits: true,
    run: ({ honest, url, fresh, signal }) =>
      honest.images.createFromUrl(`${url}/image.tar.gz`, {
        sha256: fresh.fingerprint,
        fetch: fetchFromWeb(),
        signal,
      }),
    doubt: (image: { fingerprint: string }, { fresh }: Scene) =>
      image.fingerprint === fresh.fingerprint ? undefined : 'it is another image',
  },
  'an OIDC login': {
    waits: true,
    async run({ folder, url, signal }) {
      const home = join(folder, 'incus')
      mkdirSync(join(home, 'oidctokens'), { recursive: true })
      const remote = `prod: { addr: "${url}", auth_type: oidc, protocol: incus, public: false }`
      writeFileSync(join(home, 'config.yml'), `default-remote: prod\nremotes:\n  ${remote}\n`)
      writeFileSync(join(home, 'oidctokens', 'prod.json'), login(url))
      const environment = { HOME: folder, INCUS_CONF: home }
      await using client = await connect({ remote: 'prod', environment, answerTimeout: 1_000 })
      return client.images.list({ signal })
    },
    doubt: (_: unknown, scene: Scene) => doubtLogin(scene),
  },
  plan: {
    async run(scene) {
      const manifest = await loadManifest(writeManifest(scene))
      return renderPlan(await planManifest(manifest, { signal: scene.signal }))
    },
  },
  apply: {
    waits: true,
    async run(scene) {
      const manifest = await loadManifest(writeManifest(scene))
      const plan = await planManifest(manifest, { signal: scene.signal })
      return renderReport(await applyPlan(plan, { ...run, manifest, signal: scene.signal }))
    },
  },
  'apply from a hostile source': {
    waits: true,
    async run(scene) {
      const source = `remote: "${scene.url}/streams-server", protocol: simplestreams, alias: alpine/edge, insecure: true`
      const more = `  - { name: alpine, servers: [good], source: { ${source} } }\n`
      const manifest = await loadManifest(writeManifest(scene, more))
      const plan = await planManifest(manifest, { signal: scene.signal, servers: ['good'] })
      return renderReport(await applyPlan(plan, { ...run, manifest, signal: scene.signal }))
    },
  },
  rollback: {
    async run(scene) {
      const manifest = await loadManifest(writeManifest(scene))
      return renderPlan(await planRollback(manifest, { image: 'unified' }, { signal: scene.signal }))
    },
  },
  history: {
    async run(scene) {
      const manifest = await loadManifest(writeManifest(scene))
      return renderHistory(await readHistory(manifest, { signal: scene.signal }))
    },
  },
  export: {
    async run(scene) {
      const manifest = await loadManifest(writeManifest(scene))
      const { text } = await exportManifest(manifest, {
        signal: scene.signal,
        withFiles: scene.out,
        force: true,
      })
      const path = join(scene.folder, 'exported.yaml')
      writeFileSync(path, text)
      return loadManifest(path)
    },
  },
}

function login(url: string): string {
  return JSON.stringify({ access_token: issueToken(url, -60), refresh_token: 'first', token_type: 'Bearer' })
}

/** A renewal writes a login that can be read, or leaves the one that is there. */
function doubtLogin({ folder, url }: Scene): string | undefined {
  const path = join(folder, 'incus', 'oidctokens', 'prod.json')
  if (!existsSync(path)) return 'the login is gone'
  const text = readFileSync(path, 'utf8')
  if (text === login(url)) return undefined
  const { access_token: token } = JSON.parse(text) as { access_token?: unknown }
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? undefined : 'the login cannot be sent'
}
