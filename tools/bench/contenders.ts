import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findRuntimes } from '../testing/runtimes.ts'
import { runMeasured } from './run-measured.ts'
import type { Server, Work, WorkReport } from './work.ts'

export interface Contender {
  name: string
  run(work: Work): Promise<Run>
}

export interface Run {
  milliseconds: number
  peakBytes: number
  /** Bytes of request bodies; undefined if they are not counted. */
  sentBytes: number | undefined
  /** Milliseconds without the start of the process; undefined if they are not measured. */
  ownMilliseconds?: number | undefined
}

/** Hyperkit on each runtime, from one bundle, because Node 20 cannot run TypeScript. */
export async function findOurs(root: string, directory: string): Promise<Contender[]> {
  const bundle = join(directory, 'measured-work.mjs')
  const source = join(root, 'tools', 'bench', 'measured-work.ts')
  const build = ['build', '--conditions=@hyperkit/source', '--target=node', '--format=esm']
  await runMeasured(process.execPath, [...build, `--outfile=${bundle}`, source])
  return findRuntimes(root).map(({ name, command, before }) => ({
    name,
    async run(work) {
      const args = [...before.filter((flag) => flag !== '--bun'), bundle, JSON.stringify(work)]
      const { milliseconds, stdout } = await runMeasured(command, args)
      return { milliseconds, ...(JSON.parse(stdout.trim().split('\n').pop() ?? '') as WorkReport) }
    },
  }))
}

/** curl, which does not verify downloads; its upload includes waiting for the server's operation, as a client must. */
export async function makeCurl(server: Server, directory: string): Promise<Contender> {
  const files = await saveCertificates(server, directory)
  const flags = ['-sS', '--fail', '--cert', files.cert, '--key', files.key, '--cacert', files.server]
  return {
    name: 'curl',
    async run({ kind, path, fingerprint }) {
      if (kind === 'save') {
        const url = `${server.url}/1.0/images/${fingerprint}/export`
        return { ...(await runMeasured('curl', [...flags, '-o', path, url])), sentBytes: undefined }
      }
      const type = ['-H', 'Content-Type: application/octet-stream', '-H', 'Expect:']
      const sent = await runMeasured('curl', [
        ...flags,
        ...type,
        '-X',
        'POST',
        '-T',
        path,
        `${server.url}/1.0/images`,
      ])
      const { operation } = JSON.parse(sent.stdout) as { operation: string }
      const waited = await runMeasured('curl', [...flags, `${server.url}${operation}/wait`])
      const milliseconds = sent.milliseconds + waited.milliseconds
      return { milliseconds, peakBytes: Math.max(sent.peakBytes, waited.peakBytes), sentBytes: undefined }
    },
  }
}

/** The `lxc` client, with its own configuration. */
export async function makeLxc(server: Server, directory: string): Promise<Contender> {
  const files = await saveCertificates(server, directory)
  const remote = `{ addr: ${JSON.stringify(server.url)}, auth_type: tls, protocol: lxd, public: false }`
  await writeFile(
    join(files.directory, 'config.yml'),
    `default-remote: bench\nremotes:\n  bench: ${remote}\n`,
  )
  return {
    name: 'lxc',
    async run({ kind, path, fingerprint }) {
      // `lxc` appends the extension itself.
      const args =
        kind === 'save'
          ? ['export', `bench:${fingerprint}`, path.replace(/\.tar$/, '')]
          : ['import', path, 'bench:']
      const run = await runMeasured('lxc', ['image', ...args], { LXD_CONF: files.directory })
      return { ...run, sentBytes: undefined }
    },
  }
}

interface CertificateFiles {
  directory: string
  cert: string
  key: string
  server: string
}

async function saveCertificates(server: Server, parent: string): Promise<CertificateFiles> {
  const directory = join(parent, 'lxc-config')
  await mkdir(join(directory, 'servercerts'), { recursive: true })
  const files = {
    directory,
    cert: join(directory, 'client.crt'),
    key: join(directory, 'client.key'),
    server: join(directory, 'servercerts', 'bench.crt'),
  }
  await writeFile(files.cert, server.clientCertificate.cert)
  await writeFile(files.key, server.clientCertificate.key, { mode: 0o600 })
  await writeFile(files.server, server.serverCertificate)
  return files
}
