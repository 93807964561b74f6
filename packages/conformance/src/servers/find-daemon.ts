import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { type DaemonDialect, ServerAbsentError } from './running-server.ts'

// Debian keeps incusd out of PATH, in libexec; Zabbly's packages in /opt; snapd exposes LXD's client only.
const places: Record<DaemonDialect, { name: string; folders: string[] }> = {
  lxd: { name: 'lxd', folders: ['/usr/sbin', '/usr/bin', '/usr/lib/lxd', '/usr/libexec/lxd'] },
  incus: { name: 'incusd', folders: ['/usr/libexec/incus', '/opt/incus/bin', '/usr/lib/incus', '/usr/sbin'] },
}

/**
 * Path of the daemon's program.
 *
 * @throws ServerAbsentError where there is none, or where this user may not run it
 */
export function findDaemon(dialect: DaemonDialect): string {
  const { name, folders } = places[dialect]
  if (process.platform !== 'linux') {
    throw new ServerAbsentError(
      dialect,
      `Cannot start ${name}: it runs on Linux only, this is ${process.platform}`,
    )
  }
  if (process.getuid?.() !== 0) {
    throw new ServerAbsentError(
      dialect,
      `Cannot start ${name}: it needs root, this is user ${process.getuid?.()}`,
    )
  }
  const searched = [
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...folders,
  ]
  for (const folder of searched) {
    const candidate = join(folder, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // Not here; the next folder.
    }
  }
  throw new ServerAbsentError(
    dialect,
    `Cannot start ${name}: the program is neither in PATH nor in ${folders.join(', ')}; install it with scripts/repo/install-daemons.sh`,
  )
}
