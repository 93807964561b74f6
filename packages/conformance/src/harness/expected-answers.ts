import type { ErrorCode } from '@hyperkit/core'
import type { ServerVersion } from '../servers/server-version.ts'

/** What cases expect where servers differ: a case reads it from here, and never checks on which server it runs. */
export interface ExpectedAnswers {
  /** The error of forbidden calls. */
  refusal: 'not authorized' | 'Forbidden'
  /** The error of bytes with another hash than announced. */
  otherHash: string
  /** The error of an archive for the architecture `pdp11`. */
  unknownArchitecture: string
  /** The errors of refused alias names, by the kinds of names in the cases on alias names. */
  refusedAliases: Readonly<Record<string, string>>
  /** The protocols of the servers from which it can download. */
  protocols: readonly ('lxd' | 'incus' | 'simplestreams')[]
  /** Whether renaming an alias works, or blocks the server's database for ten seconds and then fails (T9). */
  renames: 'work' | 'blocked'
  /** Whether it can download images from a URL. */
  downloadsUrls: boolean
  /** Whether images can be public in projects other than `default`. */
  publicInProjects: boolean
  /** The type that a virtual machine image has after a server of this version has pushed it to another one. */
  pushedMachine: 'container' | 'virtual-machine'
  /** The description of an image that the server has pulled from simplestreams. */
  streamDescription(image: DescribedStream): string
  /** The error of a new client with a wrong trust password, or with any if the server has no passwords. */
  passwordRefusal: { code: ErrorCode; says: RegExp }
  /** Whether it issues bearer tokens; otherwise the client's error, which it throws without a request. */
  bearerTokens: 'issued' | RegExp
  /** The outcome of a change of more than 1 MiB: done, or refused. */
  longChange: 'done' | 'refused'
  /** The outcome of an image whose metadata.yaml has a duplicate key: accepted, or refused with a matching error. */
  keyTwice: 'taken' | RegExp
  /** The outcome of publishing compressed with `gzip -n`. */
  compressionArguments: 'taken' | 'refused'
  /** Pulling a private image from a member of a cluster that does not have its file: it works, or is refused with these words (T82). */
  pullFromOtherMember: 'works' | RegExp
  /** Whether the operation of a member that is down is refused, or read as running; nobody can wait for it. */
  operationOfDeadMember: 'unavailable' | 'running'
  /** Whether an upload continues or waits while the server downloads the same image. */
  uploadDuringDownload: 'goes on' | 'waits'
}

export interface DescribedStream {
  os: string
  release: string
  /** Debian's name of the architecture. */
  arch: string
  /** `default`, unless the stream has another one. */
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
    /this LXD 5\.0\.\d.* lacks .*"auth_bearer"; it issues tokens .* trusted, for everything or for some projects$/,
  longChange: 'done',
  keyTwice: 'taken',
  compressionArguments: 'taken',
  pullFromOtherMember: /Only running operations can be cancelled/,
  operationOfDeadMember: 'unavailable',
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
  bearerTokens: /this LXD 5\.21\.\d lacks .*"auth_bearer"; it issues tokens .*, or as an identity in groups$/,
  otherHash: "Fingerprints don't match, got",
  unknownArchitecture: 'Architecture is not supported: "pdp11"',
  compressionArguments: 'taken',
  uploadDuringDownload: 'waits',
}

const lxd69: ExpectedAnswers = {
  ...lxd521,
  otherHash: 'Fingerprints do not match, got',
  operationOfDeadMember: 'running',
  downloadsUrls: false,
  publicInProjects: false,
  streamDescription: ({ os, release, variant }) => `${os} ${release} (${variant})`,
  passwordRefusal: { code: 'unsupported', says: /[Pp]assword/ },
  bearerTokens: 'issued',
}

const incus60: ExpectedAnswers = {
  ...lxd50,
  protocols: ['lxd', 'incus', 'simplestreams'],
  pullFromOtherMember: 'works',
  renames: 'work',
  passwordRefusal: { code: 'unsupported', says: /password/ },
  bearerTokens: /this Incus \d.* lacks .*; the holder of such a certificate can mint bearer tokens from it$/,
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
