import { randomBytes } from 'node:crypto'
import { makeCertificate } from './make-certificate.ts'
import { pickPort } from './pick-port.ts'
import { completeOnSocket, requestSocket } from './request-socket.ts'
import type { RunningServer, ServerDescription } from './running-server.ts'
import {
  dialectOf,
  hasTrustPassword,
  recogniseVersion,
  type ServerFacts,
  type ServerVersion,
} from './server-version.ts'
import type { DaemonProcess } from './start-daemon.ts'

interface FullFacts extends ServerFacts {
  environment: ServerFacts['environment'] & { certificate: string; certificate_fingerprint: string }
}

/**
 * Does what `lxd init` would do without a network: listens on loopback, adds a `dir` pool, a root disk in the default profile
 * (publishing needs an instance) and a trusted client certificate.
 */
export async function configureServer(daemon: DaemonProcess): Promise<RunningServer> {
  try {
    return await configure(daemon)
  } catch (error) {
    await daemon.stop()
    throw error
  }
}

async function configure(daemon: DaemonProcess): Promise<RunningServer> {
  const { socket } = daemon
  const url = await listen(socket)
  const { version, certificate: shown } = await readFacts(socket)
  const trustPassword = hasTrustPassword(version) ? randomBytes(12).toString('hex') : undefined
  // No automatic updates of images during a test, not even right after a restart.
  const config: Record<string, string> = { 'images.auto_update_interval': '0' }
  if (trustPassword !== undefined) config['core.trust_password'] = trustPassword
  await requestSocket(socket, { method: 'PATCH', path: '/1.0', json: { config } })
  // Both are operations on LXD 6.6 and newer.
  await completeOnSocket(socket, {
    method: 'POST',
    path: '/1.0/storage-pools',
    json: { name: 'default', driver: 'dir' },
  })
  const root = { type: 'disk', path: '/', pool: 'default' }
  await completeOnSocket(socket, {
    method: 'PATCH',
    path: '/1.0/profiles/default',
    json: { devices: { root } },
  })

  const client = makeCertificate({ name: 'hyperkit-trusted' })
  const untrusted = makeCertificate({ name: 'hyperkit-untrusted' })
  const certificate = { type: 'client', name: 'hyperkit', certificate: client.base64 }
  await requestSocket(socket, { method: 'POST', path: '/1.0/certificates', json: certificate })
  return describeServer(daemon, {
    dialect: dialectOf(version),
    version,
    url,
    socket,
    ...shown,
    clientCertificate: { cert: client.cert, key: client.key },
    untrustedCertificate: { cert: untrusted.cert, key: untrusted.key },
    directory: daemon.directory,
    ...(trustPassword === undefined ? {} : { trustPassword }),
  })
}

/** The version of a daemon, and the certificate that it shows. */
export async function readFacts(socket: string): Promise<{
  version: ServerVersion
  certificate: Pick<ServerDescription, 'serverCertificate' | 'serverFingerprint'>
}> {
  const { metadata } = await requestSocket(socket, { method: 'GET', path: '/1.0' })
  const facts = metadata as FullFacts
  return {
    version: recogniseVersion(facts),
    certificate: {
      serverCertificate: facts.environment.certificate,
      serverFingerprint: facts.environment.certificate_fingerprint,
    },
  }
}

/** A configured daemon, with all that a client needs to reach it. */
export function describeServer(daemon: DaemonProcess, fixed: Omit<ServerDescription, 'pid'>): RunningServer {
  return {
    ...fixed,
    get pid() {
      return daemon.pid
    },
    async restart(signal = 'SIGTERM') {
      await daemon.kill(signal)
      await daemon.start()
    },
    kill: (signal = 'SIGTERM') => daemon.kill(signal),
    start: () => daemon.start(),
    readLog: () => daemon.readLog(),
    stop: () => daemon.stop(),
    describe: () => ({ ...fixed, pid: daemon.pid }),
  }
}

/** Makes a daemon listen on a free port of loopback, and returns its URL. */
export async function listen(socket: string): Promise<string> {
  // Another process may take the port before the server listens on it.
  for (let attempt = 1; ; attempt++) {
    const address = `127.0.0.1:${await pickPort()}`
    try {
      await requestSocket(socket, {
        method: 'PATCH',
        path: '/1.0',
        json: { config: { 'core.https_address': address } },
      })
      return `https://${address}`
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}
