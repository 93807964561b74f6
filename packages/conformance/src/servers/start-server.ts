import { configureServer } from './configure-server.ts'
import type { RunningServer, StartServerOptions } from './running-server.ts'
import { type DaemonDialect, dialectOf, type ServerVersion } from './server-version.ts'
import { startDaemon } from './start-daemon.ts'

/**
 * Starts a real, throw-away LXD or Incus on loopback; its `trustPassword` is set if it has trust passwords. Many can run
 * at the same time.
 *
 * @param server a version; or a kind, for which `HYPERKIT_LXD` or `HYPERKIT_INCUS` or the installed programs decide
 * @throws ServerAbsentError if it is not installed or this user is not root
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
