import type { ServerInfo } from '@hyperkit/core'

/** A fault of some versions of a server that whoever keeps images there should know of. */
interface Fault {
  kind: 'lxd' | 'incus'
  /** Each from its first version up to the one that mended it, which has it no more. */
  affected: readonly (readonly [from: string, before: string])[]
  /** Whether distributions mend it under the same version number: then nobody can tell from outside. */
  patched: boolean
  /** What can happen, and what to do. */
  text: string
}

/**
 * As of November 2026. From the advisories and release notes of both projects, the tags that contain each fix, and what was
 * tried on LXD 5.0.2, 5.21.7 and 6.9 and on Incus 6.0.4 and 7.0.2. What every version does is not here.
 */
const faults: readonly Fault[] = [
  {
    kind: 'incus',
    affected: [
      ['0', '6.0.7'],
      ['6.1', '6.23'],
    ],
    patched: true,
    text: 'the combined fingerprint of simplestreams images may not be checked (CVE-2026-33542)',
  },
  {
    kind: 'lxd',
    affected: [['6.1', '6.8']],
    patched: true,
    text: 'the combined fingerprint of simplestreams images may not be checked (CVE-2026-33542)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '6.0.6'],
      ['6.1', '6.22'],
    ],
    patched: true,
    text: 'who may publish images may run commands on the host by the name of a compression (CVE-2026-28384)',
  },
  {
    kind: 'lxd',
    affected: [
      ['4.12', '5.0.7'],
      ['5.1', '5.21.5'],
      ['6.1', '6.7'],
    ],
    patched: true,
    text: 'who may publish images may run commands on the host by the name of a compression (CVE-2026-28384)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '7.0.1'],
      ['7.1', '7.2'],
    ],
    patched: true,
    text: 'images of strangers, and image servers of strangers, may read and write files of the host (CVE-2026-48749, -48750, -48752, -48769)',
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
    text: 'images of strangers, and image servers of strangers, may read and write files of the host (CVE-2026-48749, -48750, -48752, -48769)',
  },
  {
    kind: 'incus',
    affected: [
      ['0', '7.0.2'],
      ['7.1', '7.3'],
    ],
    patched: true,
    text: 'images of strangers, and image servers of strangers, may write files of the host (CVE-2026-63125, -63343, -81493)',
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
    text: 'images of strangers may read and write files of the host (GHSA-j825-cg34-5fr5, GHSA-fv82-v4fj-mm4m)',
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
    text: 'an upload of an image beside a download of the same one may lose its file; uploading it again brings it back',
  },
  {
    kind: 'lxd',
    affected: [['0', '5.21']],
    patched: false,
    text: 'an upload of an image beside a download of the same one may lose its file; uploading it again brings it back',
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
 * What is known against the version of a server; undefined if it does not tell its version. Distributions mend holes without
 * another version number (Debian's Incus 6.0.4 and LXD 5.0.2): for those it can only be said that they may be there.
 *
 * @example
 * ```ts
 * console.log(knownFaults(await client.server()) ?? 'the server does not tell its version')
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
        ? `${text}; mended in ${affected.map(([, before]) => before).join(', ')}, and by some distributions under the same number: ask yours`
        : text,
    )
}

/**
 * Names of certificates restricted to some projects, `default` among them, where that is no restriction: the server shows them
 * the secrets of unused trust tokens, also of those without restriction (tried on LXD 5.0.2 to 6.9; Incus
 * 6.0.4 shows the secrets too, 7.0.2 does not). Where the version is not known, none.
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
