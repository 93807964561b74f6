import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BrokenImage, makeBrokenImage } from '../src/fixtures/make-broken-image.ts'
import { makeImage } from '../src/fixtures/make-image.ts'
import { makeSplitImage, type SplitImage } from '../src/fixtures/make-split-image.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { prepareInstance } from '../src/servers/prepare-instance.ts'
import { readServers } from '../src/servers/read-servers.ts'
import { completeOnSocket, requestSocket } from '../src/servers/request-socket.ts'
import type {
  CertificatePair,
  RunningServer,
  ServerDescription,
  StartServerOptions,
} from '../src/servers/running-server.ts'
import { dialectOf } from '../src/servers/server-version.ts'
import { startServer } from '../src/servers/start-server.ts'
import { startSimplestreams } from '../src/servers/start-simplestreams.ts'
import { startUrlSource } from '../src/servers/start-url-source.ts'

const versions = ['lxd-5.0', 'lxd-5.0.3', 'incus-6.0', 'incus-7.0'] as const

describe.each(versions)('a throw-away %s', (version) => {
  const dialect = dialectOf(version)
  const start = (options?: StartServerOptions): Promise<RunningServer> => startServer(version, options)
  describe.skipIf(explainAbsence(version) !== undefined)('server', () => {
    let directory = ''
    let server: RunningServer
    let second: RunningServer

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'hk-test-'))
      ;[server, second] = await Promise.all([start(), start()])
    })
    afterAll(async () => {
      await Promise.all([server?.stop(), second?.stop()])
      await rm(directory, { recursive: true, force: true })
    })

    test('a server trusts only its own client certificate, also next to a second server of its kind', async () => {
      expect(server.url).not.toBe(second.url)
      for (const one of [server, second]) {
        expect(await authOf(one, one.clientCertificate)).toBe('trusted')
        expect(await authOf(one, one.untrustedCertificate)).toBe('untrusted')
      }
      expect(await authOf(server, second.clientCertificate)).toBe('untrusted')
    })

    test('a server describes itself as plain data that another process can read', () => {
      const [described] = readServers({ HYPERKIT_SERVERS: JSON.stringify([server.describe()]) })
      expect(described).toMatchObject({
        dialect,
        version,
        url: server.url,
        pid: server.pid,
        directory: server.directory,
      })
      expect(described?.trustPassword === undefined).toBe(dialect === 'incus')
    })

    test('a server accepts the trust password from an unknown client if it has trust passwords, as LXD does', async () => {
      const json = { type: 'client', name: 'late', password: second.trustPassword ?? 'any' }
      const asked = askOver(second, second.untrustedCertificate, 'POST', '/1.0/certificates', json)
      if (dialect === 'lxd') await asked
      else await expect(asked).rejects.toThrow('not authorized')
      expect(await authOf(second, second.untrustedCertificate)).toBe(
        dialect === 'lxd' ? 'trusted' : 'untrusted',
      )
    })

    test('a server can be restarted after its daemon has died', async () => {
      process.kill(second.pid, 'SIGKILL')
      await second.restart()
      expect(await authOf(second, second.clientCertificate)).toBe('trusted')
    })

    test('a server publishes an instance and its snapshot', async () => {
      const { instance, snapshot } = await prepareInstance(server)
      for (const source of [
        { type: 'instance', name: instance },
        { type: 'snapshot', name: `${instance}/${snapshot}` },
      ]) {
        // A different property: two images published within a second have the same content, and so the same fingerprint.
        const json = { source, properties: { of: source.type } }
        const made = (await completeOnSocket(server.socket, {
          method: 'POST',
          path: '/1.0/images',
          json,
        })) as Fingerprinted
        expect(made.fingerprint).toMatch(/^[0-9a-f]{64}$/)
      }
    })

    test.each(['none', 'gzip', 'xz', 'zstd'] as const)(
      'a server accepts a unified image compressed with %s and creates an instance from it',
      async (compression) => {
        const image = await makeImage({
          directory,
          name: `unified-${compression}`,
          size: 100_000,
          compression,
        })
        expect(await upload(server, image.path)).toBe(image.fingerprint)
        const json = {
          name: `from-${compression}`,
          source: { type: 'image', fingerprint: image.fingerprint },
        }
        await completeOnSocket(server.socket, { method: 'POST', path: '/1.0/instances', json })
      },
    )

    test.each(['tar.gz', 'squashfs', 'qcow2'] as const)(
      'a server accepts a split image with a rootfs of %s',
      async (rootfs) => {
        const image = await makeSplitImage({ directory, name: `split-${rootfs}`, rootfs })
        expect(await uploadSplit(server, image)).toBe(image.fingerprint)
        const read = await requestSocket(server.socket, {
          method: 'GET',
          path: `/1.0/images/${image.fingerprint}`,
        })
        expect(read.metadata).toMatchObject({
          type: image.type,
          size: image.metadata.size + image.rootfs.size,
        })
      },
    )

    test.each(Object.entries(refusals))('a server refuses a broken image: %s', async (kind, words) => {
      const image = await makeBrokenImage({ directory, kind: kind as BrokenImage })
      await expect(upload(server, image.path)).rejects.toThrow(words)
    })

    test('a server accepts a truncated image if the client gives no fingerprint', async () => {
      const image = await makeBrokenImage({ directory, kind: 'truncated' })
      expect(await upload(server, image.path)).toBe(image.fingerprint)
    })

    test('a server downloads from a URL source, also if it pauses for a while', async () => {
      const image = await makeImage({ directory, name: 'by-url', size: 2_000_000 })
      const source = await startUrlSource({ image, holdAfter: 1_000_000 })
      const json = { source: { type: 'url', url: source.pageUrl } }
      const complete = completeOnSocket(server.socket, { method: 'POST', path: '/1.0/images', json })
      await source.held
      source.release()
      expect(await complete).toMatchObject({ fingerprint: image.fingerprint })
      expect(source.requests).toEqual(['HEAD /image', 'GET /files/by-url.tar.gz'])
      await source.stop()
    })

    test('a server refuses a URL source that announces another fingerprint', async () => {
      const image = await makeImage({ directory, name: 'by-wrong-url' })
      const source = await startUrlSource({ image, announcedFingerprint: 'ab'.repeat(32) })
      const json = { source: { type: 'url', url: source.pageUrl } }
      const complete = completeOnSocket(server.socket, { method: 'POST', path: '/1.0/images', json })
      await expect(complete).rejects.toThrow('Hash mismatch')
      await source.stop()
    })

    test('a server pulls unified, split and virtual machine images from a simplestreams source', async () => {
      const files = join(directory, 'simplestreams-files')
      const tree = join(directory, 'simplestreams')
      await Promise.all([mkdir(files), mkdir(tree)])
      const unified = await makeImage({ directory: files, name: 'streamed' })
      const squashed = await makeSplitImage({
        directory: files,
        name: 'squashed',
        rootfs: 'squashfs',
        compression: 'xz',
      })
      const machine = await makeSplitImage({
        directory: files,
        name: 'machine',
        rootfs: 'qcow2',
        compression: 'xz',
      })
      const source = await startSimplestreams({
        directory: tree,
        images: [
          { os: 'Unified', release: 'one', aliases: ['unified/one'], image: unified },
          { os: 'Squashed', release: 'one', aliases: ['squashed/one', 'squashed'], image: squashed },
          { os: 'Machine', release: 'one', aliases: ['machine/one'], image: machine },
        ],
      })
      const pull = (alias: string, type: string): Promise<unknown> => {
        const from = {
          type: 'image',
          mode: 'pull',
          server: source.url,
          protocol: 'simplestreams',
          alias,
          image_type: type,
        }
        const json = { source: from, filename: alias }
        return completeOnSocket(server.socket, { method: 'POST', path: '/1.0/images', json })
      }
      expect(await pull('unified/one', 'container')).toMatchObject({ fingerprint: unified.fingerprint })
      expect(await pull('squashed', 'container')).toMatchObject({ fingerprint: squashed.fingerprint })
      expect(await pull('machine/one', 'virtual-machine')).toMatchObject({ fingerprint: machine.fingerprint })
      expect(source.requests).toContain('/streams/v1/index.json')
      await source.stop()
    })

    test.each(['SIGTERM', 'SIGKILL'] as const)(
      'a server keeps its address, trust and images over a restart by %s',
      async (signal) => {
        const image = await makeImage({ directory, name: `kept-${signal}` })
        await upload(server, image.path)
        const { pid, url } = server
        await server.restart(signal)
        expect(server.pid).not.toBe(pid)
        expect(server.describe()).toMatchObject({ url, pid: server.pid })
        expect(await authOf(server, server.clientCertificate)).toBe('trusted')
        await requestSocket(server.socket, { method: 'GET', path: `/1.0/images/${image.fingerprint}` })
      },
    )

    test('a stopped server leaves no process, mount or folder behind, also if it is stopped twice', async () => {
      const short = await start({ directory })
      await short.restart('SIGKILL')
      expect(traces(short)).not.toEqual([])
      await short.stop()
      expect(traces(short)).toEqual([])
      await short.stop()
    })

    test('a server ends when the process that started it is killed', async () => {
      const script = fileURLToPath(new URL('./hold-server.ts', import.meta.url))
      const child = spawn(...runtimeFor(script, version), { stdio: ['ignore', 'pipe', 'inherit'] })
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const orphan = JSON.parse(line) as ServerDescription
      expect(await authOf(orphan, orphan.clientCertificate)).toBe('trusted')
      child.kill('SIGKILL')
      // No process is left to report the end of the cleanup; the test's time limit ends this.
      while (traces(orphan).length > 0) await delay(20)
    })
  })
})

interface Fingerprinted {
  fingerprint: string
}

const refusals: Partial<Record<BrokenImage, string>> = {
  'not-an-archive': 'Unsupported compression',
  'truncated-metadata': 'unexpected EOF',
  empty: 'EOF',
  'no-metadata': 'missing metadata.yaml',
  'no-creation-date': 'Missing creation date',
  'unknown-architecture': "Architecture isn't supported: ",
  'no-rootfs': 'Invalid instance type',
}

async function authOf(server: ServerDescription, certificate: CertificatePair): Promise<string> {
  const answer = await askOver(server, certificate, 'GET', '/1.0')
  return (answer as { auth: string }).auth
}

function askOver(
  server: ServerDescription,
  certificate: CertificatePair,
  method: string,
  path: string,
  json?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { ...certificate, ca: server.serverCertificate, agent: false, method }
    const outgoing = request(`${server.url}${path}`, options, (incoming) => {
      let text = ''
      incoming.on('data', (part: Buffer) => {
        text += part.toString()
      })
      incoming.on('end', () => {
        const { error, metadata } = JSON.parse(text) as { error: string; metadata: unknown }
        if (error) reject(new Error(`${method} ${path}: ${error}`))
        else resolve(metadata)
      })
    })
    outgoing.on('error', reject)
    outgoing.end(json === undefined ? undefined : JSON.stringify(json))
  })
}

async function upload(server: RunningServer, path: string): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' }
  const call = { method: 'POST', path: '/1.0/images', headers, body: createReadStream(path) } as const
  return ((await completeOnSocket(server.socket, call)) as Fingerprinted).fingerprint
}

async function uploadSplit(server: RunningServer, image: SplitImage): Promise<string> {
  const rootfs = image.type === 'virtual-machine' ? 'rootfs.img' : 'rootfs'
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (const [name, path] of [
      ['metadata', image.metadata.path],
      [rootfs, image.rootfs.path],
    ] as const) {
      yield Buffer.from(
        `--edge\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n`,
      )
      yield* createReadStream(path) as AsyncIterable<Buffer>
      yield Buffer.from('\r\n')
    }
    yield Buffer.from('--edge--\r\n')
  }
  const headers = { 'content-type': 'multipart/form-data; boundary=edge' }
  const body = Readable.from(parts(), { objectMode: false })
  const made = await completeOnSocket(server.socket, { method: 'POST', path: '/1.0/images', headers, body })
  return (made as Fingerprinted).fingerprint
}

/** The processes, mounts and folders that a server has left on this machine. */
function traces(server: ServerDescription): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(server.directory))
  const processes = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && commandOf(name).includes(server.directory),
  )
  return [...mounts, ...processes, ...(existsSync(server.directory) ? [server.directory] : [])]
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // It ended meanwhile.
  }
}

/** This runtime if it can run TypeScript; Node 20 cannot, so Bun is used, which is a development tool of the project. */
function runtimeFor(script: string, ...args: string[]): [command: string, args: string[]] {
  if ('Deno' in globalThis) return [process.execPath, ['run', '-A', script, ...args]]
  if ('Bun' in globalThis) return [process.execPath, ['--bun', script, ...args]]
  return [fileURLToPath(new URL('../../../node_modules/.bin/bun', import.meta.url)), [script, ...args]]
}
