import { configureServer } from './configure-server.ts'
import type { RunningServer, StartServerOptions } from './running-server.ts'
import { startDaemon } from './start-daemon.ts'

/**
 * Starts a real, throw-away Incus on loopback. Many can run at the same time.
 *
 * @throws ServerAbsentError where Incus is not installed or this user is not root
 */
export async function startIncus(options: StartServerOptions = {}): Promise<RunningServer> {
  const daemon = await startDaemon({ ...options, dialect: 'incus', stateVariable: 'INCUS_DIR' })
  return configureServer(daemon, 'incus')
}
