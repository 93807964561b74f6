import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { registryPrograms } from './find-registry.ts'
import { type CleanFolder, keepClean } from './keep-clean.ts'
import { type MadeCertificate, makeCertificate } from './make-certificate.ts'
import { pickPort } from './pick-port.ts'
import { startTokenServer, type TokenServer } from './start-token-server.ts'

/** The user of a registry that wants credentials. Its password has the characters that need encoding somewhere. */
export const registryUser = { username: 'ada', password: 'pa:ss/w%rd' }
// Of that password, by bcrypt, the only form that the registry reads.
const passwordHash = '$2y$04$abcdefghijklmnopqrstuuz3qKIcpoELqEl/xLOVz58S0cQapczwq'

export interface RegistryOptions {
  /** Whether it wants nothing, a user and password with each request, or a token that its token server gives to users. @default 'open' */
  access?: 'open' | 'basic' | 'token'
  /** Another registry whose certificate it presents, so that a daemon that trusts that one trusts both. @default a certificate of its own */
  certificateOf?: Pick<Registry, 'made'>
}

export interface PushedImage {
  /** `team/app` */
  repository: string
  tag: string
  /** As registries name it. @default this machine's */
  architecture?: string
  /** One layer with a file each. */
  layers: readonly string[]
}

export interface Registry {
  /** `https://127.0.0.1:PORT` */
  url: string
  /** Host and port. */
  host: string
  /** PEM of its certificate, which is its own authority. */
  certificate: string
  /** The certificate with its key. */
  made: MadeCertificate
  /** Path of a file with the certificate; a daemon whose variable SSL_CERT_FILE names it trusts the registry. */
  certificateFile: string
  /** Makes an image with umoci and pushes it with skopeo. @returns the digest of its manifest */
  push(image: PushedImage): Promise<string>
  /** Pushes an index of manifests that were pushed to the repository. @returns its digest */
  pushIndex(repository: string, tag: string, entries: readonly IndexEntry[]): Promise<string>
  stop(): Promise<void>
}

export interface IndexEntry {
  digest: string
  architecture: string
}

const run = promisify(execFile)

/** Starts Debian's `docker-registry` on loopback over https. Check `explainRegistryAbsence()` first. */
export async function startRegistry({
  access = 'open',
  certificateOf,
}: RegistryOptions = {}): Promise<Registry> {
  const folder = await keepClean('hk-registry-')
  let tokens: TokenServer | undefined
  try {
    const made =
      certificateOf?.made ?? makeCertificate({ name: '127.0.0.1', addresses: ['127.0.0.1'], kind: 'P-256' })
    tokens = access === 'token' ? await startTokenServer(made, registryUser) : undefined
    const host = `127.0.0.1:${await pickPort()}`
    await writeSettings(folder.path, host, made, access, tokens?.url)
    const child = await runRegistry(folder)
    await untilReady(child, host, made.cert)
    return open(folder, host, made, access, tokens)
  } catch (error) {
    await tokens?.stop()
    await folder.clean()
    throw error
  }
}

async function writeSettings(
  folder: string,
  host: string,
  { cert, key }: MadeCertificate,
  access: RegistryOptions['access'],
  realm: string | undefined,
): Promise<void> {
  const path = (name: string): string => join(folder, name)
  await mkdir(path('certificates'))
  await writeFile(path('certificates/ca.crt'), cert)
  await writeFile(path('key.pem'), key, { mode: 0o600 })
  await writeFile(path('htpasswd'), `${registryUser.username}:${passwordHash}\n`)
  const auth = {
    open: {},
    basic: { auth: { htpasswd: { realm: 'hyperkit', path: path('htpasswd') } } },
    token: {
      auth: {
        token: {
          realm,
          service: 'registry',
          issuer: 'hyperkit',
          rootcertbundle: path('certificates/ca.crt'),
        },
      },
    },
  }[access ?? 'open']
  const settings = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path('data') } },
    http: {
      addr: host,
      tls: { certificate: path('certificates/ca.crt'), key: path('key.pem') },
    },
    ...auth,
  }
  await writeFile(path('config.yml'), JSON.stringify(settings))
}

async function runRegistry(folder: CleanFolder): Promise<ChildProcess> {
  const child = spawn(registryPrograms.registry, ['serve', join(folder.path, 'config.yml')], {
    stdio: 'ignore',
    detached: true,
    env: { HOME: folder.path },
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', resolve)
  })
  await writeFile(folder.pidFile, String(child.pid))
  child.unref()
  return child
}

async function untilReady(child: ChildProcess, host: string, ca: string): Promise<void> {
  while (child.exitCode === null) {
    const status = await send(`https://${host}/v2/`, { ca }).catch(() => undefined)
    if (status !== undefined) return
    await delay(20)
  }
  throw new Error(`Cannot start the registry at ${host}: it ended with ${child.exitCode}`)
}

function open(
  folder: CleanFolder,
  host: string,
  made: MadeCertificate,
  access: RegistryOptions['access'],
  tokens: TokenServer | undefined,
): Registry {
  const certificates = join(folder.path, 'certificates')
  const { cert } = made
  const { username, password } = registryUser
  const credentials = access === 'open' ? [] : [`${username}:${password}`]
  let count = 0
  return {
    url: `https://${host}`,
    host,
    certificate: cert,
    made,
    certificateFile: join(certificates, 'ca.crt'),
    async push({ repository, tag, architecture, layers }) {
      const layout = join(folder.path, `layout-${++count}`)
      await makeLayout(layout, architecture, layers)
      const digestFile = `${layout}.digest`
      const to = credentials.flatMap((value) => ['--dest-creds', value])
      await run(registryPrograms.skopeo, [
        ...['--insecure-policy', 'copy', '--quiet', '--dest-cert-dir', certificates, ...to],
        ...['--digestfile', digestFile, `oci:${layout}:made`, `docker://${host}/${repository}:${tag}`],
      ])
      return (await run('cat', [digestFile])).stdout.trim()
    },
    async pushIndex(repository, tag, entries) {
      const mediaType = 'application/vnd.oci.image.index.v1+json'
      const index = { schemaVersion: 2, mediaType, manifests: [] as unknown[] }
      const from = credentials.flatMap((value) => ['--creds', value])
      for (const { digest, architecture } of entries) {
        const { stdout } = await run(registryPrograms.skopeo, [
          ...['inspect', '--raw', '--cert-dir', certificates, ...from],
          `docker://${host}/${repository}@${digest}`,
        ])
        index.manifests.push({
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest,
          size: Buffer.byteLength(stdout),
          platform: { architecture, os: 'linux' },
        })
      }
      const token = await tokens?.issue(repository, ['pull', 'push'])
      const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      const authorization = token === undefined ? basic : `Bearer ${token}`
      return putManifest(
        `https://${host}/v2/${repository}/manifests/${tag}`,
        JSON.stringify(index),
        { 'content-type': mediaType, ...(access === 'open' ? {} : { authorization }) },
        cert,
      )
    },
    async stop() {
      await tokens?.stop()
      await folder.clean()
    },
  }
}

async function makeLayout(
  layout: string,
  architecture: string | undefined,
  layers: readonly string[],
): Promise<void> {
  const umoci = (...words: string[]) => run(registryPrograms.umoci, words)
  const image = `${layout}:made`
  await umoci('init', '--layout', layout)
  await umoci('new', '--image', image)
  for (const [index, text] of layers.entries()) {
    const file = `${layout}.file`
    await writeFile(file, text)
    await umoci('insert', '--image', image, file, `/etc/layer-${index}`)
  }
  await umoci(
    ...['config', '--image', image, '--created', '2024-05-06T07:08:09Z', '--config.cmd', '/bin/sh'],
    ...(architecture === undefined ? [] : ['--architecture', architecture]),
  )
}

async function putManifest(
  url: string,
  body: string,
  headers: Record<string, string>,
  ca: string,
): Promise<string> {
  let digest: string | undefined
  const status = await send(url, {
    ca,
    method: 'PUT',
    headers,
    body,
    onHeaders: (found) => {
      digest = String(found['docker-content-digest'])
    },
  })
  if (status !== 201 || digest === undefined) throw new Error(`Cannot push to ${url}: HTTP ${status}`)
  return digest
}

interface Sent {
  ca: string
  method?: string
  headers?: Record<string, string>
  body?: string
  onHeaders?: (headers: Record<string, unknown>) => void
}

function send(url: string, { ca, method = 'GET', headers = {}, body, onHeaders }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, method, headers, agent: false }, (answer) => {
      onHeaders?.(answer.headers)
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
