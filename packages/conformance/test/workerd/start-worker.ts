import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const bin = (name: string): string => join(root, 'node_modules/.bin', name)

export interface WorkerOptions {
  /** Path of the worker's TypeScript, from the repository's root. */
  source: string
  /** Folder for the bundle and the configuration; used only by this worker. */
  folder: string
  bindings: Record<string, string>
  /** PEM of a server's self-signed certificate that workerd must trust. */
  trusted?: string | undefined
  /** `host:port` of the service behind the Cache API. @default none */
  cache?: string | undefined
}

export interface RunningWorker {
  url: string
  process: ChildProcess
  /** The console output so far. */
  output(): string
  stop(): Promise<void>
}

/** Bundles a worker, and starts workerd with it on a free port. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { source, folder } = options
  bundleWorker(source, join(folder, 'worker.js'))
  writeFileSync(join(folder, 'config.capnp'), renderConfig(options))
  return serveWorker(folder)
}

/** @param source path of the worker's TypeScript, from the repository's root */
export function bundleWorker(source: string, outfile: string): void {
  const options = [
    '--conditions=@hyperkit/source',
    '--conditions=workerd',
    '--target=browser',
    '--format=esm',
  ]
  execFileSync(bin('bun'), ['build', join(root, source), ...options, `--outfile=${outfile}`])
}

/** Starts workerd with the `config.capnp` of a folder; resolves when workerd says on which port it listens. */
export async function serveWorker(
  folder: string,
  environment: Record<string, string> = {},
): Promise<RunningWorker> {
  const process = spawn(
    bin('workerd'),
    ['serve', 'config.capnp', '--socket-addr', 'http=127.0.0.1:0', '--control-fd=3'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: environment },
  )
  let output = ''
  for (const stream of [process.stdout, process.stderr]) {
    stream?.on('data', (chunk: Uint8Array) => {
      output += new TextDecoder().decode(chunk)
    })
  }
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    process.once('exit', (code) => reject(new Error(`workerd ended with ${code}: ${output}`)))
    process.stdio[3]?.on('data', (chunk: Uint8Array) => {
      text += new TextDecoder().decode(chunk)
      const found = /"port":\s*(\d+)/.exec(text)
      if (found) resolve(Number(found[1]))
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    process,
    output: () => output,
    async stop() {
      if (process.exitCode !== null || process.signalCode !== null) return
      const ended = once(process, 'exit')
      process.kill('SIGKILL')
      await ended
    },
  }
}

function renderConfig({ bindings, trusted, cache }: WorkerOptions): string {
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`,
  )
  const tls =
    trusted === undefined ? '' : `, tlsOptions = (trustedCertificates = [${JSON.stringify(trusted)}])`
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-08-01",
      bindings = [${texts.join(', ')}], globalOutbound = "internet"${cache === undefined ? '' : ', cacheApiOutbound = "cache"'})),
    ${cache === undefined ? '' : `(name = "cache", external = (address = "${cache}", http = ())),`}
    (name = "internet", network = (allow = ["private", "public", "local"]${tls})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);`
}
