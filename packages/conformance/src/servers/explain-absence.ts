import process from 'node:process'
import { findDaemon } from './find-daemon.ts'
import { ServerAbsentError } from './running-server.ts'
import type { DaemonDialect, ServerVersion } from './server-version.ts'

/**
 * A sentence that says why tests against a real daemon are skipped, also printed once; `undefined` if the daemon can be
 * started. Meant for `describe.skipIf(explainAbsence('lxd') !== undefined)`.
 *
 * @throws ServerAbsentError if {@link isRequired}: tests that require a daemon must fail without it
 */
export function explainAbsence(server: DaemonDialect | ServerVersion): string | undefined {
  try {
    findDaemon(server)
    return undefined
  } catch (error) {
    if (!(error instanceof ServerAbsentError) || isRequired(server)) throw error
    console.warn(`skipped, no ${server}: ${error.message}`)
    return error.message
  }
}

/**
 * Whether `HYPERKIT_REQUIRE_SERVERS` (`lxd-5.0,lxd-5.0.3,incus-6.0,incus-7.0`) names the version, or one of the kind.
 */
export function isRequired(server: DaemonDialect | ServerVersion): boolean {
  const required = (process.env.HYPERKIT_REQUIRE_SERVERS ?? '').split(',').map((name) => name.trim())
  const isKind = server === 'lxd' || server === 'incus'
  return required.some((name) => name === server || (isKind && name.startsWith(`${server}-`)))
}
