import process from 'node:process'
import { readServers } from './read-servers.ts'

type Row = string | readonly [name: string, ...unknown[]]

/**
 * The rows of a table of tests that this runtime runs. Node tests the embedded servers and the real ones. Bun and Deno, when there are
 * real servers, test only these: what differs between the runtimes is how they speak with a server, and the embedded servers run in the
 * process of the test. Their own cases run on all three.
 *
 * @param rows names of targets, or rows that begin with one; that of an embedded server contains "embedded"
 */
export function chooseTargets<T extends Row>(rows: readonly T[]): readonly T[] {
  const isNode = process.versions.bun === undefined && !('deno' in process.versions)
  if (isNode || readServers().length === 0) return rows
  return rows.filter((row) => !(typeof row === 'string' ? row : row[0]).includes('embedded'))
}
