import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { registryPrograms } from './find-registry.ts'
import { type CleanFolder, keepClean } from './keep-clean.ts'
import { type MadeCertificate, makeCertificate } from './make-certificate.ts'
import { pickPort } from './pick-port.ts'
import { pushWithPrograms } from './push-with-programs.ts'
import { type PushedImage, pushImage, pushIndex, type RegistryApi } from './registry-api.ts'
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
  /** Makes an image and pushes it, without programs, which take seconds on a machine that is busy. @returns the digest of its manifest */
  push(image: PushedImage): Promise<string>
  /** Makes an image with umoci and pushes it with skopeo, as users do. @returns the digest of its manifest */
  pushWithPrograms(image: PushedImage): Promise<string>
  /** Pushes an index of manifests that were pushed to the repository. @returns its digest */
  pushIndex(
    repository: string,
    tag: string,
    entries: readonly { digest: string; architecture: string }[],
  ): Promise<string>
  stop(): Promise<void>
}

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
    if (await answers(`https://${host}/v2/`, ca)) return
    await delay(20)
  }
  throw new Error(`Cannot start the registry at ${host}: it ended with ${child.exitCode}`)
}

function answers(url: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(url, { ca, agent: false }, (answer) => {
      answer.resume()
      resolve(true)
    })
    sent.once('error', () => resolve(false))
    sent.end()
  })
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
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const api: RegistryApi = {
    url: `https://${host}`,
    ca: cert,
    authorize(repository) {
      if (access === 'open') return undefined
      const token = tokens?.issue(repository, ['pull', 'push'])
      return token === undefined ? basic : `Bearer ${token}`
    },
  }
  return {
    url: api.url,
    host,
    certificate: cert,
    made,
    certificateFile: join(certificates, 'ca.crt'),
    push: (image) => pushImage(api, image),
    pushWithPrograms: (image) =>
      pushWithPrograms(image, {
        host,
        certificates,
        folder: folder.path,
        credentials: access === 'open' ? undefined : `${username}:${password}`,
      }),
    pushIndex: (repository, tag, entries) => pushIndex(api, repository, tag, entries),
    async stop() {
      await tokens?.stop()
      await folder.clean()
    },
  }
}
