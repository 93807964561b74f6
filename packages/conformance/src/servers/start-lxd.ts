import { randomBytes } from 'node:crypto'
import { configureServer } from './configure-server.ts'
import type { RunningServer, StartServerOptions } from './running-server.ts'
import { startDaemon } from './start-daemon.ts'

/**
 * Starts a real, throw-away LXD on loopback; its `trustPassword` is set. Many can run at the same time.
 *
 * @throws ServerAbsentError where LXD is not installed or this user is not root
 */
export async function startLxd(options: StartServerOptions = {}): Promise<RunningServer> {
  const daemon = await startDaemon({ ...options, dialect: 'lxd', stateVariable: 'LXD_DIR' })
  return configureServer(daemon, 'lxd', { trustPassword: randomBytes(12).toString('hex') })
}
