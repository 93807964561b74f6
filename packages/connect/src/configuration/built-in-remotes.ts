import type { ClientName } from './remote.ts'

/** A remote that a client has without the user having added it. */
export interface BuiltInRemote {
  name: string
  address: string
  /** Whether a `config.yml` can remove this remote (by not listing it), replace it, or only give it a project. */
  stays: 'unless-removed' | 'unless-replaced' | 'always'
  /** The address that older clients had instead, and wrote into `config.yml` by themselves. */
  outdated?: string
}

/**
 * As of 2026-11, from `remote list` on a fresh account and from the sources: Incus 6.0.4 to 7.3; LXD 5.21.7, 6.9, main.
 * In older LXD clients `images` was images.linuxcontainers.org up to 5.0.3 and 5.20 (it no longer serves LXD) and missing in 5.21.0;
 * it has its present address since 5.0.4 and 5.21.1. The minimal remotes came with 5.0.3 and 5.18.
 */
export const builtInRemotes: Readonly<Record<ClientName, readonly BuiltInRemote[]>> = {
  incus: [
    { name: 'local', address: 'unix://', stays: 'always' },
    { name: 'images', address: 'https://images.linuxcontainers.org', stays: 'unless-removed' },
  ],
  lxc: [
    { name: 'local', address: 'unix://', stays: 'always' },
    {
      name: 'images',
      address: 'https://images.lxd.canonical.com',
      // Newer clients do not let users replace it. Some older ones had no such remote, and their users added one.
      stays: 'unless-replaced',
      outdated: 'https://images.linuxcontainers.org',
    },
    { name: 'ubuntu', address: 'https://cloud-images.ubuntu.com/releases/', stays: 'always' },
    { name: 'ubuntu-daily', address: 'https://cloud-images.ubuntu.com/daily/', stays: 'always' },
    {
      name: 'ubuntu-minimal',
      address: 'https://cloud-images.ubuntu.com/minimal/releases/',
      stays: 'unless-replaced',
    },
    {
      name: 'ubuntu-minimal-daily',
      address: 'https://cloud-images.ubuntu.com/minimal/daily/',
      stays: 'unless-replaced',
    },
  ],
}

/** Whether two addresses are the same, apart from slashes at their end. */
export function isSameAddress(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '')
}
