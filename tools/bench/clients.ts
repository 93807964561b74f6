import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Contender, Run } from './contenders.ts'
import { type Measured, runMeasured } from './run-measured.ts'
import type { Server } from './work.ts'

/** curl, which does not verify downloads; its upload includes waiting for the server's operation, as a client must. */
export async function makeCurl(server: Server, directory: string): Promise<Contender> {
  const files = await saveCertificates(server, directory)
  const secured = ['--cert', files.cert, '--key', files.key, '--cacert', files.server]
  const reaching = server.socket === undefined ? secured : ['--unix-socket', server.socket]
  const flags = ['-sS', '--fail', ...reaching]
  const origin = server.socket === undefined ? server.url : 'http://unix.socket'
  return {
    name: 'curl',
    async run({ kind, paths, fingerprint }) {
      if (kind === 'copy' || kind === 'hash') return undefined
      if (kind === 'save') {
        const url = `${origin}/1.0/images/${fingerprint}/export`
        return atOnce(paths.map((path) => () => runMeasured('curl', [...flags, '-o', path, url])))
      }
      const type = ['-H', 'Content-Type: application/octet-stream', '-H', 'Expect:']
      const post = ['-X', 'POST', '-T', paths[0] ?? '', `${origin}/1.0/images`]
      const sent = await runMeasured('curl', [...flags, ...type, ...post])
      const { operation } = JSON.parse(sent.stdout) as { operation: string }
      const waited = await runMeasured('curl', [...flags, `${origin}${operation}/wait`])
      return {
        milliseconds: sent.milliseconds + waited.milliseconds,
        peakBytes: Math.max(sent.peakBytes, waited.peakBytes),
      }
    },
  }
}

/** The server's own client, `lxc` or `incus`, with a configuration of its own. */
export interface OwnClient {
  name: 'lxc' | 'incus'
  program: string
  /** Folders of the daemons: the client finds their sockets there. */
  state: string
}

export async function makeOwnClient(
  { name, program, state }: OwnClient,
  { source, target }: { source: Server; target: Server },
  directory: string,
): Promise<Contender> {
  const files = await saveCertificates(source, directory)
  const protocol = name === 'lxc' ? 'lxd' : 'incus'
  const remote = ({ url, socket }: Server): string =>
    socket === undefined
      ? `{ addr: ${JSON.stringify(url)}, auth_type: tls, protocol: ${protocol}, public: false }`
      : `{ addr: "unix:${socket}", auth_type: tls, protocol: ${protocol}, public: false }`
  const remotes = `  bench: ${remote(source)}\n  other: ${remote(target)}\n`
  await writeFile(join(files.directory, 'config.yml'), `default-remote: bench\nremotes:\n${remotes}`)
  await writeFile(join(files.directory, 'servercerts', 'other.crt'), target.serverCertificate)
  const environment =
    name === 'lxc'
      ? { LXD_CONF: files.directory, LXD_DIR: state }
      : { INCUS_CONF: files.directory, INCUS_DIR: state }
  const run = (args: readonly string[]): Promise<Measured> =>
    runMeasured(program, ['image', ...args], environment)
  return {
    name,
    async run({ kind, paths, fingerprint }) {
      const [path = ''] = paths
      if (kind === 'upload') return run(['import', path, 'bench:'])
      if (kind === 'copy') return run(['copy', `bench:${fingerprint}`, 'other:', '--mode=relay'])
      if (kind === 'hash') return undefined
      // The client appends the extension itself.
      return atOnce(
        paths.map((one) => () => run(['export', `bench:${fingerprint}`, one.replace(/\.tar$/, '')])),
      )
    },
  }
}

/** Several processes that begin together: the time until the last has ended, and the memory of all. */
async function atOnce(starts: readonly (() => Promise<Measured>)[]): Promise<Run> {
  const runs = await Promise.all(starts.map((start) => start()))
  return {
    milliseconds: Math.max(...runs.map(({ milliseconds }) => milliseconds)),
    peakBytes: runs.reduce((sum, { peakBytes }) => sum + peakBytes, 0),
  }
}

interface CertificateFiles {
  directory: string
  cert: string
  key: string
  server: string
}

async function saveCertificates(server: Server, parent: string): Promise<CertificateFiles> {
  const directory = join(parent, 'client-config')
  const files = {
    directory,
    cert: join(directory, 'client.crt'),
    key: join(directory, 'client.key'),
    server: join(directory, 'servercerts', 'bench.crt'),
  }
  await mkdir(dirname(files.server), { recursive: true })
  await writeFile(files.cert, server.clientCertificate.cert)
  await writeFile(files.key, server.clientCertificate.key, { mode: 0o600 })
  await writeFile(files.server, server.serverCertificate)
  return files
}
