import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createImageServer,
  type Dialect,
  dialects,
  directoryStore,
  type ImageServer,
  memoryStore,
  type Store,
} from '@hyperkit/embedded'
import { makeImage } from '../fixtures/make-image.ts'
import type { SavedFile } from '../fixtures/save-bytes.ts'
import { makeCertificate } from '../servers/make-certificate.ts'
import type { PreparedInstance } from '../servers/prepare-instance.ts'
import { removeFolder } from '../servers/remove-folder.ts'
import { dialectOf, hasTrustPassword, type ServerVersion } from '../servers/server-version.ts'
import { lackingIdentities } from './lacking-identities.ts'
import { seedInstance, uploadBase } from './seed-instance.ts'
import type { OwnServer, Target } from './target.ts'

/**
 * Two servers in this process, over https and a unix socket like the real ones: one stores on disk, one in memory.
 *
 * @param spoken changed fields of the version's dialect, for a trial
 * @param authorities PEM of an authority that the servers trust for registries
 */
export async function openEmbeddedTarget(
  version: ServerVersion,
  spoken: Dialect = dialects[version],
  authorities?: string,
): Promise<Target> {
  const dialect = dialectOf(version)
  const directory = await mkdtemp(join(tmpdir(), 'hk-embedded-'))
  const base = await makeImage({ directory, name: 'instance-base' })
  let count = 0
  const start = (store: Store, kind = version): Promise<OwnServer> =>
    startEmbedded({
      version: kind,
      spoken: kind === version ? spoken : dialects[kind],
      store,
      base,
      authorities,
      socket: join(directory, `${++count}.socket`),
    })
  const onDisk = (): Store => directoryStore(join(directory, `store-${++count}`))
  const server = await start(onDisk())
  const source = await start(memoryStore())
  let other: Promise<OwnServer> | undefined
  return {
    name: `embedded ${version}`,
    dialect,
    version,
    kind: 'embedded',
    server,
    source,
    other() {
      other ??= start(onDisk(), dialect === 'lxd' ? 'incus-6.0' : 'lxd-5.0')
      return other
    },
    lacks: {
      ...lackingIdentities(version),
      profiles: 'the embedded server has only the profile "default"',
      ...(hasTrustPassword(version) ? {} : { 'trust-password': `${version} has no trust passwords` }),
    },
    instance: server.instance,
    startOwn: () => start(onDisk()),
    async close() {
      await Promise.all([server.stop(), source.stop(), other?.then((started) => started.stop())])
      await removeFolder(directory)
    },
  }
}

async function startEmbedded(options: {
  version: ServerVersion
  spoken: Dialect
  store: Store
  /** The image of the instance. */
  base: SavedFile
  authorities: string | undefined
  socket: string
}): Promise<OwnServer> {
  const { version, spoken, store, base, authorities, socket } = options
  const dialect = dialectOf(version)
  const trustPassword = hasTrustPassword(version) ? 'embedded password' : undefined
  const server: ImageServer = createImageServer({
    dialect: spoken,
    store,
    instances: [seedInstance(base)],
    ...(trustPassword === undefined ? {} : { trustPassword }),
    ...(authorities === undefined ? {} : { authorities }),
  })
  const { url, certificate, fingerprint } = await server.listen({ https: {} })
  await server.listen({ socket })
  const client = makeCertificate({ name: 'hyperkit-trusted' })
  const untrusted = makeCertificate({ name: 'hyperkit-untrusted' })
  const body = JSON.stringify({ type: 'client', name: 'hyperkit', certificate: client.base64 })
  const trusted = await server.fetch(new Request(`${url}/1.0/certificates`, { method: 'POST', body }))
  if (!trusted.ok) throw new Error(`Cannot trust the client's certificate: ${await trusted.text()}`)
  let uploaded: Promise<PreparedInstance> | undefined
  return {
    dialect,
    version,
    url,
    socket,
    serverCertificate: certificate,
    serverFingerprint: fingerprint,
    clientCertificate: { cert: client.cert, key: client.key },
    untrustedCertificate: { cert: untrusted.cert, key: untrusted.key },
    ...(trustPassword === undefined ? {} : { trustPassword }),
    restart: (signal) => server.restart(signal === 'SIGKILL'),
    stop: () => server.close(),
    instance() {
      uploaded ??= uploadBase(socket, base)
      return uploaded
    },
  }
}
