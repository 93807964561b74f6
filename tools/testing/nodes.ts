import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Runtime } from './runtimes.ts'

/** The releases of Node beside the one that runs the checks: each line that is supported, at an exact version. */
export const nodeVersions = ['22.23.5', '24.22.3', '26.12.1'] as const

/** Where `tools/install-nodes.ts` puts a release: a cache of the user's, outside of the project. */
export function nodeFolder(version: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(cache, 'hyperkit', 'nodes', version)
}

/** The npm package with the program for this machine; the package `node` installs the same one. */
export const nodePackage = `node-${process.platform}-${process.arch}`

export function nodeProgram(version: string): string {
  return join(nodeFolder(version), 'node_modules', nodePackage, 'bin', 'node')
}

/**
 * The releases that are installed, as runtimes `node-22`, … For each one that is not, a line is printed.
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
