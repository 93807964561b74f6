import process from 'node:process'
import { findDaemon } from './find-daemon.ts'
import { ServerAbsentError } from './running-server.ts'
import type { DaemonDialect, ServerVersion } from './server-version.ts'

/** What a test may ask for: a kind, a version, or a cluster of one. */
export type ServerName = DaemonDialect | ServerVersion | ClusterName

/** A cluster of three members of one version, or of the program of a kind. */
export type ClusterName = `${DaemonDialect | ServerVersion}-cluster`

/**
 * A sentence that says why tests against a real daemon are skipped, also printed once; `undefined` if the daemon can be
 * started. Meant for `describe.skipIf(explainAbsence('lxd') !== undefined)`.
 *
 * @throws ServerAbsentError if {@link isRequired}: tests that require a daemon must fail without it
 */
export function explainAbsence(server: ServerName): string | undefined {
  try {
    findDaemon(programOf(server))
    return undefined
  } catch (error) {
    if (!(error instanceof ServerAbsentError) || isRequired(server)) throw error
    console.warn(`skipped, no ${server}: ${error.message}`)
    return error.message
  }
}

// A cluster needs no other program than a server.
const programOf = (server: ServerName): DaemonDialect | ServerVersion =>
  server.replace(/-cluster$/, '') as DaemonDialect | ServerVersion

/**
 * Whether `HYPERKIT_REQUIRE_SERVERS` (`lxd-5.0,lxd-5.0.3,incus-6.0,incus-7.0,incus-7.0-cluster`) names the version or the cluster, or
 * one of the kind.
 */
export function isRequired(server: ServerName): boolean {
  const required = (process.env.HYPERKIT_REQUIRE_SERVERS ?? '').split(',').map((name) => name.trim())
  const isKind = server === 'lxd' || server === 'incus'
  return required.some((name) => name === server || (isKind && name.startsWith(`${server}-`)))
}
