import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Runtime } from './runtimes.ts'

/** The releases of Node to test in addition to the one that runs the checks: an exact version of each supported line. */
export const nodeVersions = ['22.23.5', '24.22.3', '26.12.1'] as const

/** The folder where `tools/install-nodes.ts` installs a release: in the user's cache, outside the project. */
export function nodeFolder(version: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(cache, 'hyperkit', 'nodes', version)
}

/** The npm package that contains the program for this machine; the package `node` would install the same one. */
export const nodePackage = `node-${process.platform}-${process.arch}`

export function nodeProgram(version: string): string {
  return join(nodeFolder(version), 'node_modules', nodePackage, 'bin', 'node')
}

/**
 * The installed releases, as runtimes `node-22`, … Prints a line for each release that is not installed.
 *
 * @throws if one is not installed and the environment has `HYPERKIT_REQUIRE_NODES`
 */
export function findNodes(): Runtime[] {
  return nodeVersions.flatMap((version) => {
    const command = nodeProgram(version)
    if (existsSync(command)) return [{ name: `node-${version.split('.')[0]}`, command, before: [] }]
    const absence = `Node ${version} is not installed: run \`npm run nodes\``
    if (process.env.HYPERKIT_REQUIRE_NODES) throw new Error(absence)
    console.log(`skipped: ${absence}`)
    return []
  })
}
