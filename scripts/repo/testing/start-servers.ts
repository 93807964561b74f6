import { type RunningServer, ServerAbsentError, startIncus, startLxd } from '@hyperkit/conformance'

export interface StartedServers {
  /** For the environment's `HYPERKIT_SERVERS`: of each kind one to work on, then one to pull from. */
  described: string
  stop(): Promise<void>
}

/**
 * The real servers that all runtimes' tests share, one after the other. A kind that cannot be had here is left out, with
 * a printed line, unless `required` names it.
 */
export async function startServers(required: string): Promise<StartedServers> {
  const starts = await Promise.allSettled([startLxd(), startLxd(), startIncus(), startIncus()])
  const servers: RunningServer[] = []
  const absences = new Set<string>()
  const failures: unknown[] = []
  for (const start of starts) {
    if (start.status === 'fulfilled') servers.push(start.value)
    else if (
      start.reason instanceof ServerAbsentError &&
      !required.split(',').includes(start.reason.dialect)
    ) {
      absences.add(`no ${start.reason.dialect}: ${start.reason.message}`)
    } else failures.push(start.reason)
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  if (failures.length > 0) {
    await stop()
    throw failures[0]
  }
  for (const absence of absences) console.log(`real servers: ${absence}`)
  return { described: JSON.stringify(servers.map((server) => server.describe())), stop }
}
