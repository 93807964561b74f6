import process from 'node:process'
import type { ServerDescription } from './running-server.ts'

/** The servers that another process started for this one: the JSON list in the environment's `HYPERKIT_SERVERS`. */
export function readServers(
  environment: Record<string, string | undefined> = process.env,
): ServerDescription[] {
  const text = environment.HYPERKIT_SERVERS
  return text === undefined || text === '' ? [] : (JSON.parse(text) as ServerDescription[])
}
