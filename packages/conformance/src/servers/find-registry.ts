import { existsSync } from 'node:fs'
import process from 'node:process'

/** Written by tools/install-daemons.sh. */
const folder = '/var/lib/hyperkit/bin'

/** The registry, and the programs that fill it. */
export const registryPrograms = {
  registry: `${folder}/docker-registry`,
  skopeo: `${folder}/skopeo`,
  umoci: `${folder}/umoci`,
}

/**
 * A sentence that says why tests with a real registry of OCI images are skipped, also printed once; `undefined` if one can be started.
 *
 * @throws {Error} if `HYPERKIT_REQUIRE_SERVERS` names `registry`
 */
export function explainRegistryAbsence(): string | undefined {
  const why = findObstacle()
  if (why === undefined) return undefined
  const required = (process.env.HYPERKIT_REQUIRE_SERVERS ?? '').split(',').map((name) => name.trim())
  if (required.includes('registry')) throw new Error(`Cannot start a registry: ${why}`)
  console.warn(`skipped, no registry: ${why}`)
  return `no registry: ${why}`
}

function findObstacle(): string | undefined {
  if (process.platform !== 'linux') return `it runs on Linux only, this is ${process.platform}`
  // skopeo and umoci are in a tree that only root can enter.
  if (process.getuid?.() !== 0) return `filling it needs root, this is user ${process.getuid?.()}`
  const missing = Object.values(registryPrograms).filter((path) => !existsSync(path))
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} do not exist; install them with tools/install-daemons.sh`
}
