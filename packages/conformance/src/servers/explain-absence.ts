import process from 'node:process'
import { findDaemon } from './find-daemon.ts'
import { type DaemonDialect, ServerAbsentError } from './running-server.ts'

/**
 * Why tests against a real daemon are skipped here: a sentence, also printed once; `undefined` when the daemon can be
 * started. Meant for `describe.skipIf(explainAbsence('lxd') !== undefined)`.
 *
 * @throws ServerAbsentError instead of explaining, when the environment's `HYPERKIT_REQUIRE_SERVERS` (`lxd,incus`)
 *   names the dialect: where the daemons must be there, a skip would be a lie
 */
export function explainAbsence(dialect: DaemonDialect): string | undefined {
  try {
    findDaemon(dialect)
    return undefined
  } catch (error) {
    if (!(error instanceof ServerAbsentError) || isRequired(dialect)) throw error
    console.warn(`skipped, no ${dialect}: ${error.message}`)
    return error.message
  }
}

function isRequired(dialect: DaemonDialect): boolean {
  const required = (process.env.HYPERKIT_REQUIRE_SERVERS ?? '').split(',').map((name) => name.trim())
  return required.includes(dialect)
}
