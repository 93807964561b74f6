import {
  type DaemonDialect,
  isRequired,
  type RunningServer,
  ServerAbsentError,
  type ServerVersion,
  startServer,
} from '@hyperkit/conformance'

export interface StartedServers {
  servers: readonly RunningServer[]
  /** The value for `HYPERKIT_SERVERS`: the servers of these names, in this order; two of each, one to work on, then one to pull from. */
  describe(names: readonly ServerName[]): string
  stop(): Promise<void>
}

export type ServerName = DaemonDialect | ServerVersion

/**
 * Starts the real servers that all runtimes' tests share, two of each name, all at the same time. A version that is not installed is
 * left out, and a line is printed, unless `HYPERKIT_REQUIRE_SERVERS` names it.
 */
export async function startServers(names: readonly ServerName[]): Promise<StartedServers> {
  const wanted = names.flatMap((name) => [name, name])
  const starts = await Promise.allSettled(wanted.map((name) => startServer(name)))
  const servers: RunningServer[] = []
  const absences = new Set<string>()
  const failures: unknown[] = []
  for (const start of starts) {
    if (start.status === 'fulfilled') servers.push(start.value)
    else if (start.reason instanceof ServerAbsentError && !isRequired(start.reason.server))
      absences.add(`no ${start.reason.server}: ${start.reason.message}`)
    else failures.push(start.reason)
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  if (failures.length > 0) {
    await stop()
    throw failures[0]
  }
  for (const absence of absences) console.log(`real servers: ${absence}`)
  const describe = (chosen: readonly ServerName[]): string => {
    const named = chosen.flatMap((name) =>
      servers.filter((one) => one.version === name || one.dialect === name),
    )
    return JSON.stringify(named.map((server) => server.describe()))
  }
  return { servers, describe, stop }
}
