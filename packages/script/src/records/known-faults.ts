import type { ServerInfo } from '@hyperkit/core'

/** A fault of some server versions that matters to users who keep images there. */
interface Fault {
  kind: 'lxd' | 'incus'
  /** Ranges of versions: the first with the fault, and the first in which it is fixed. */
  affected: readonly (readonly [from: string, before: string])[]
  /** Whether distributions fix it without a new version number, so that the version does not show if it is fixed. */
  patched: boolean
  /** What can happen, and what to do. */
  text: string
}

/**
 * The known faults as of November 2026. The sources are the advisories and release notes of both projects, the tags that contain
 * each fix, and trials on LXD 5.0.2, 5.21.7 and 6.9 and on Incus 6.0.4 and 7.0.2. Faults of all versions are not listed.
 */
const faults: readonly Fault[] = [
  {
    kind: 'incus',
    affected: [
      ['0', '6.0.7'],
      ['6.1', '6.23'],
    ],
    patched: true,
    text: 'simplestreams images may be accepted without a check of their combined fingerprint (CVE-2026-33542)',
  },
  {
    kind: 'lxd',
    affected: [['6.1', '6.8']],
    patched: true,
    text: 'simplestreams images may be accepted without a check of their combined fingerprint (CVE-2026-33542)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '6.0.6'],
      ['6.1', '6.22'],
    ],
    patched: true,
    text: 'clients that can publish images may run commands on the host through the name of a compressor (CVE-2026-28384)',
  },
  {
    kind: 'lxd',
    affected: [
      ['4.12', '5.0.7'],
      ['5.1', '5.21.5'],
      ['6.1', '6.7'],
    ],
    patched: true,
    text: 'clients that can publish images may run commands on the host through the name of a compressor (CVE-2026-28384)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '7.0.1'],
      ['7.1', '7.2'],
    ],
    patched: true,
    text: 'untrusted images and image servers may read and write files on the host (CVE-2026-48749, -48750, -48752, -48769)',
  },
  {
    kind: 'lxd',
    affected: [
      ['0', '4.0.11'],
      ['4.1', '5.0.7'],
      ['5.1', '5.21.5'],
      ['6.1', '6.9'],
    ],
    patched: true,
    text: 'untrusted images and image servers may read and write files on the host (CVE-2026-48749, -48750, -48752, -48769)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '7.0.2'],
      ['7.1', '7.3'],
    ],
    patched: true,
    text: 'untrusted images and image servers may write files on the host (CVE-2026-63125, -63343, -81493)',
  },
  {
    kind: 'lxd',
    affected: [
      ['0', '4.0.12'],
      ['4.1', '5.0.8'],
      ['5.1', '5.21.6'],
      ['6.1', '6.9'],
    ],
    patched: true,
    text: 'untrusted images may read and write files on the host (GHSA-j825-cg34-5fr5, GHSA-fv82-v4fj-mm4m)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '7.0.2'],
      ['7.1', '7.4'],
    ],
    patched: true,
    text: 'a restricted client may import private images of other projects (CVE-2026-81501)',
  },
  {
    kind: 'incus',
    affected: [['0', '7.0']],
    patched: false,
    text: 'an image that is uploaded while the same one is downloaded may lose its file; upload it again to restore it',
  },
  {
    kind: 'lxd',
    affected: [['0', '5.21']],
    patched: false,
    text: 'an image that is uploaded while the same one is downloaded may lose its file; upload it again to restore it',
  },
  {
    kind: 'lxd',
    affected: [
      ['5.0.2', '5.0.10'],
      ['5.5', '5.21'],
    ],
    patched: false,
    text: 'changing an alias by PATCH blocks the server for 20 s, renaming one for 10; Hyperkit does neither, other clients do',
  },
]

/**
 * The known faults of the version of a server; undefined if the server does not report its version. Distributions fix
 * vulnerabilities without another version number (Debian's Incus 6.0.4 and LXD 5.0.2), so those are reported as possible.
 *
 * @example
 * ```ts
 * console.log(knownFaults(await client.server()) ?? 'the server does not report its version')
 * ```
 */
export function knownFaults({
  dialect,
  version,
}: Pick<ServerInfo, 'dialect' | 'version'>): string[] | undefined {
  if (version === undefined) return undefined
  return faults
    .filter(({ kind }) => kind === dialect.kind)
    .filter(({ affected }) =>
      affected.some(([from, before]) => !isBefore(version, from) && isBefore(version, before)),
    )
    .map(({ text, patched, affected }) =>
      patched
        ? `${text}; fixed in ${affected.map(([, before]) => before).join(', ')}, and by some distributions under the same version number: check yours`
        : text,
    )
}

/**
 * Returns the names of certificates whose restriction to projects is void because `default` is one of them: the server shows them
 * the secrets of unused trust tokens, even of unrestricted ones (tried on LXD 5.0.2 to 6.9; Incus
 * 6.0.4 shows the secrets too, 7.0.2 does not). None if the version is not known.
 *
 * @see {@link knownFaults}
 */
export function tokenReaders(
  { dialect, version }: Pick<ServerInfo, 'dialect' | 'version'>,
  certificates: readonly { name: string; restricted: boolean; projects: readonly string[] }[],
): string[] {
  if (version === undefined || (dialect.kind === 'incus' && !isBefore(version, '7.0'))) return []
  return certificates
    .filter(({ restricted, projects }) => restricted && projects.includes('default'))
    .map(({ name }) => name)
}

function isBefore(version: string, limit: string): boolean {
  const [own, other] = [version, limit].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10) || 0),
  )
  for (let index = 0; index < 3; index++) {
    const difference = (own?.[index] ?? 0) - (other?.[index] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
