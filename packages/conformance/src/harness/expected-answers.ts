import type { ErrorCode } from '@hyperkit/core'
import type { ServerVersion } from '../servers/server-version.ts'

/** What cases expect of a server where servers differ: a case takes it from here, and asks nowhere which server it is on. */
export interface ExpectedAnswers {
  /** Of calls that a client may not make. */
  refusal: 'not authorized' | 'Forbidden'
  /** Of bytes that have another hash than was announced. */
  otherHash: string
  /** Of an archive for the architecture `pdp11`. */
  unknownArchitecture: string
  /** Of the kinds of names in the cases on alias names: the server's words for those that it refuses. */
  refusedAliases: Readonly<Record<string, string>>
  /** Those of servers that it downloads from. */
  protocols: readonly ('lxd' | 'incus' | 'simplestreams')[]
  /** Whether renaming an alias works, or blocks the server's database for ten seconds and then fails (T9). */
  renames: 'work' | 'blocked'
  /** Whether it downloads images by a URL. */
  downloadsUrls: boolean
  /** Whether images are public in projects beside `default`. */
  publicInProjects: boolean
  /** What an image of a virtual machine is once a server of this version has pushed it to another one. */
  pushedMachine: 'container' | 'virtual-machine'
  /** Of an image that the server has pulled by simplestreams. */
  streamDescription(image: DescribedStream): string
  /** Of a newcomer with a wrong password, and with one where there are no passwords. */
  passwordRefusal: { code: ErrorCode; says: RegExp }
  /** Whether it issues bearer tokens, else what this client says instead of asking. */
  bearerTokens: 'issued' | RegExp
  /** Of a change that is longer than 1 MiB: done, or refused. */
  longChange: 'done' | 'refused'
  /** Of an image whose metadata.yaml has a key twice: taken, or refused in words that match. */
  keyTwice: 'taken' | RegExp
  /** Of a publication compressed with `gzip -n`. */
  compressionArguments: 'taken' | 'refused'
  /** Whether an upload goes on or waits while the server downloads the same image. */
  uploadDuringDownload: 'goes on' | 'waits'
}

export interface DescribedStream {
  os: string
  release: string
  /** In Debian's words. */
  arch: string
  /** `default`, unless the stream says another one. */
  variant: string
  serial: string
}

const lxd50: ExpectedAnswers = {
  refusal: 'not authorized',
  otherHash: "fingerprints don't match, got",
  unknownArchitecture: "Architecture isn't supported: pdp11",
  refusedAliases: {},
  protocols: ['lxd', 'simplestreams'],
  renames: 'blocked',
  downloadsUrls: true,
  publicInProjects: true,
  pushedMachine: 'container',
  streamDescription: ({ os, release, arch, serial }) => `${os} ${release} ${arch} (${serial})`,
  passwordRefusal: { code: 'not-authorized', says: /403 "not authorized"/ },
  bearerTokens:
    /this LXD 5\.0\.\d.* lacks .*"auth_bearer"; it makes tokens .* is trusted, wholly or for some projects$/,
  longChange: 'done',
  keyTwice: 'taken',
  compressionArguments: 'taken',
  uploadDuringDownload: 'goes on',
}

const lxd503: ExpectedAnswers = {
  ...lxd50,
  unknownArchitecture: `Architecture isn't supported: "pdp11"`,
  compressionArguments: 'refused',
}

const lxd521: ExpectedAnswers = {
  ...lxd503,
  renames: 'work',
  refusal: 'Forbidden',
  passwordRefusal: { code: 'not-authorized', says: /403 "Forbidden"/ },
  bearerTokens: /this LXD 5\.21\.\d lacks .*"auth_bearer"; it makes tokens .*, or as an identity in groups$/,
  otherHash: "Fingerprints don't match, got",
  unknownArchitecture: 'Architecture is not supported: "pdp11"',
  compressionArguments: 'taken',
  uploadDuringDownload: 'waits',
}

const lxd69: ExpectedAnswers = {
  ...lxd521,
  otherHash: 'Fingerprints do not match, got',
  downloadsUrls: false,
  publicInProjects: false,
  streamDescription: ({ os, release, variant }) => `${os} ${release} (${variant})`,
  passwordRefusal: { code: 'unsupported', says: /[Pp]assword/ },
  bearerTokens: 'issued',
}

const incus60: ExpectedAnswers = {
  ...lxd50,
  protocols: ['lxd', 'incus', 'simplestreams'],
  renames: 'work',
  passwordRefusal: { code: 'unsupported', says: /password/ },
  bearerTokens: /this Incus \d.* lacks .*; bearer tokens are made of such a certificate, by its holder$/,
}

const ends = 'Names must start and end with an alphanumeric character'
const space = 'Name cannot contain white space'
const character = (one: string): string => `Name contains invalid character ${JSON.stringify(one)}`

const incus70: ExpectedAnswers = {
  ...incus60,
  refusedAliases: {
    'slashes at both ends': ends,
    spaces: space,
    'a question mark': character('?'),
    'a percent sign': ends,
    'encoded dots': ends,
    'a plus sign': character('+'),
    'quotes and backslashes': character('"'),
    'colons, semicolons, commas, equals, at signs': character('$'),
    'an emoji': ends,
    'characters that SQL matches by': ends,
    '300 characters': 'Maximum name length is 64 characters',
    'the look of an option': ends,
  },
  pushedMachine: 'virtual-machine',
  longChange: 'refused',
  keyTwice: /yaml.*line \d+/,
  compressionArguments: 'refused',
  streamDescription: ({ variant, os, release, arch, serial }) =>
    [os, release, arch, ...(variant === 'default' ? [] : [`(${variant})`]), `(${serial})`].join(' '),
}

export const expectedAnswers: Readonly<Record<ServerVersion, ExpectedAnswers>> = {
  'lxd-5.0': lxd50,
  'lxd-5.0.3': lxd503,
  'lxd-5.21': lxd521,
  'lxd-6.9': lxd69,
  'lxd-main': lxd69,
  'incus-6.0': incus60,
  'incus-7.0': incus70,
}
