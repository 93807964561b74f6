import type { ClientName } from './remote.ts'

/** A remote that a client has without anybody having added it. */
export interface BuiltInRemote {
  name: string
  address: string
  /** Whether a `config.yml` can take away this remote (by not listing it), replace it, or only give it a project. */
  stays: 'unless-removed' | 'unless-replaced' | 'always'
  /** What older clients had instead, and wrote into `config.yml` by themselves. */
  outdated?: string
}

/**
 * As of 2026-11, from `remote list` on a fresh account and from the sources: Incus 6.0.4 to 7.3; LXD 5.21.7, 6.9, main.
 * Older ones of LXD: `images` was images.linuxcontainers.org up to 5.0.3 and 5.20 (it serves LXD no longer), nothing in
 * 5.21.0, and is the present one since 5.0.4 and 5.21.1; the minimal ones came with 5.0.3 and 5.18.
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
      // Newer clients let nobody replace it; some of those before had none, and their users added one.
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

/** Whether two addresses mean one server: a slash at the end means nothing. */
export function isSameAddress(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '')
}
