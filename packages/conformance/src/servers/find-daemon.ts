import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { ServerAbsentError } from './running-server.ts'
import { type DaemonDialect, dialectOf, type ServerVersion } from './server-version.ts'

interface Place {
  name: string
  folders: readonly string[]
  /** Also looked for in the folders of `PATH`, before the others. */
  inPath?: true
}

// Debian has incusd in libexec, outside of PATH; Zabbly's packages have it in /opt; snapd exposes only LXD's client.
const lxd: Place = {
  name: 'lxd',
  folders: ['/usr/sbin', '/usr/bin', '/usr/lib/lxd', '/usr/libexec/lxd'],
  inPath: true,
}
const incus: Place = {
  name: 'incusd',
  folders: ['/usr/libexec/incus', '/opt/incus/bin', '/usr/lib/incus', '/usr/sbin'],
  inPath: true,
}
// Written by tools/install-trixie-daemons.sh.
const folders = ['/var/lib/hyperkit/bin']

/** The versions that Debian has packages of. */
const places: Partial<Record<ServerVersion, Place>> = {
  'lxd-5.0': lxd,
  'lxd-5.0.3': { name: 'lxd-5.0.3', folders },
  'incus-6.0': incus,
  'incus-7.0': { name: 'incusd-7.0', folders },
}

// The one in the usual place comes first if only the kind is given.
const defaults: Record<DaemonDialect, readonly ServerVersion[]> = {
  lxd: ['lxd-5.0', 'lxd-5.0.3'],
  incus: ['incus-6.0', 'incus-7.0'],
}

const variables: Record<DaemonDialect, string> = { lxd: 'HYPERKIT_LXD', incus: 'HYPERKIT_INCUS' }

/**
 * Path of the daemon's program: for a version the one in its place, for a kind the one that `HYPERKIT_LXD` or `HYPERKIT_INCUS` names, otherwise
 * the first installed version of the kind.
 *
 * @throws ServerAbsentError if there is none, or if this user may not run it
 */
export function findDaemon(server: DaemonDialect | ServerVersion): string {
  const absent = (why: string): never => {
    throw new ServerAbsentError(server, `Cannot start ${server}: ${why}`)
  }
  if (process.platform !== 'linux') absent(`it runs on Linux only, this is ${process.platform}`)
  if (process.getuid?.() !== 0) absent(`it needs root, this is user ${process.getuid?.()}`)
  const isKind = server === 'lxd' || server === 'incus'
  const named = isKind ? process.env[variables[server]] : undefined
  if (named)
    return isProgram(named)
      ? named
      : absent(`${variables[dialectOf(server)]} names "${named}", which is not a program`)
  const candidates = (isKind ? defaults[server] : [server]).flatMap((version) => listPrograms(version))
  const found = candidates.find(isProgram)
  if (found !== undefined) return found
  if (candidates.length === 0)
    return absent(
      `Debian has no package for it; name the program in ${variables[dialectOf(server)]}, as ${dialectOf(server)}`,
    )
  return absent(`none of ${candidates.join(', ')} exists; install it with tools/install-daemons.sh`)
}

function listPrograms(version: ServerVersion): string[] {
  const place = places[version]
  if (place === undefined) return []
  const path = place.inPath ? (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '') : []
  return [...path, ...place.folders].map((folder) => join(folder, place.name))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
