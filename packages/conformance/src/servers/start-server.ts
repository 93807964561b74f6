import { configureServer } from './configure-server.ts'
import type { RunningServer, StartServerOptions } from './running-server.ts'
import { type DaemonDialect, dialectOf, type ServerVersion } from './server-version.ts'
import { startDaemon } from './start-daemon.ts'

/**
 * Starts a real, throw-away LXD or Incus on loopback; its `trustPassword` is set where there is such a thing. Many can run
 * at the same time.
 *
 * @param server a version; or a kind, of which `HYPERKIT_LXD` or `HYPERKIT_INCUS` or else what is installed decides
 * @throws ServerAbsentError where it is not installed or this user is not root
 */
export async function startServer(
  server: DaemonDialect | ServerVersion,
  options: StartServerOptions = {},
): Promise<RunningServer> {
  const started = await configureServer(await startDaemon(server, options))
  const isKind = server === 'lxd' || server === 'incus'
  const told = isKind ? dialectOf(started.version) : started.version
  if (told === server) return started
  await started.stop()
  throw new Error(`Cannot start ${server}: the installed program is ${started.version}`)
}
