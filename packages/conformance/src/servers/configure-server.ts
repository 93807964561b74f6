import { makeCertificate } from './make-certificate.ts'
import { pickPort } from './pick-port.ts'
import { requestSocket } from './request-socket.ts'
import type { DaemonDialect, RunningServer, ServerDescription } from './running-server.ts'
import type { DaemonProcess } from './start-daemon.ts'

interface ServerFacts {
  environment: { certificate: string; certificate_fingerprint: string }
}

/**
 * What `lxd init` would do, without a network: listen on loopback, a `dir` pool, a root disk in the default profile
 * (publishing needs an instance), a trusted client certificate.
 */
export async function configureServer(
  daemon: DaemonProcess,
  dialect: DaemonDialect,
  options: { trustPassword?: string } = {},
): Promise<RunningServer> {
  try {
    return await configure(daemon, dialect, options)
  } catch (error) {
    await daemon.stop()
    throw error
  }
}

async function configure(
  daemon: DaemonProcess,
  dialect: DaemonDialect,
  options: { trustPassword?: string },
): Promise<RunningServer> {
  const { socket } = daemon
  const url = await listen(socket)
  // No updates of images behind a test's back, not even right after a restart.
  const config: Record<string, string> = { 'images.auto_update_interval': '0' }
  if (options.trustPassword !== undefined) config['core.trust_password'] = options.trustPassword
  await requestSocket(socket, { method: 'PATCH', path: '/1.0', json: { config } })
  await requestSocket(socket, {
    method: 'POST',
    path: '/1.0/storage-pools',
    json: { name: 'default', driver: 'dir' },
  })
  const root = { type: 'disk', path: '/', pool: 'default' }
  await requestSocket(socket, { method: 'PATCH', path: '/1.0/profiles/default', json: { devices: { root } } })

  const client = makeCertificate({ name: 'hyperkit-trusted' })
  const untrusted = makeCertificate({ name: 'hyperkit-untrusted' })
  const certificate = { type: 'client', name: 'hyperkit', certificate: client.base64 }
  await requestSocket(socket, { method: 'POST', path: '/1.0/certificates', json: certificate })
  const { metadata } = await requestSocket(socket, { method: 'GET', path: '/1.0' })
  const { environment } = metadata as ServerFacts

  const fixed: Omit<ServerDescription, 'pid'> = {
    dialect,
    url,
    socket,
    serverCertificate: environment.certificate,
    serverFingerprint: environment.certificate_fingerprint,
    clientCertificate: { cert: client.cert, key: client.key },
    untrustedCertificate: { cert: untrusted.cert, key: untrusted.key },
    directory: daemon.directory,
    ...options,
  }
  return {
    ...fixed,
    get pid() {
      return daemon.pid
    },
    restart: (signal = 'SIGTERM') => daemon.restart(signal),
    stop: () => daemon.stop(),
    describe: () => ({ ...fixed, pid: daemon.pid }),
  }
}

async function listen(socket: string): Promise<string> {
  // Somebody may take the port between the choice and the listening.
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
