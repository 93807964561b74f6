import { checkAliasName } from '@hyperkit/core'
import * as v from 'valibot'
import { isServerUrl } from './is-server-url.ts'
import { notifySchema } from './notify-schema.ts'
import { sourceSchema } from './source-schema.ts'
import { text } from './text-schemas.ts'

/**
 * The file as it is written: the one description that keys, types and (later) editors' schemas come from.
 *
 * Objects are strict, but valibot names only the first unknown key of an object; `readValue` looks for them beforehand.
 */
const aliasName = v.pipe(
  v.string(),
  v.check(isAliasName, (issue) => refusalOf(String(issue.input))),
)

const alias = v.union([aliasName, v.strictObject({ name: aliasName, description: v.optional(v.string()) })])

const propertyKey = v.pipe(
  text,
  v.check(
    (key) => !key.startsWith('hyperkit.'),
    'is reserved: names that begin with "hyperkit." say who owns an image',
  ),
)

const properties = v.record(
  propertyKey,
  v.pipe(
    v.string(),
    v.check((value) => !value.includes('\0'), 'must not contain a NUL character'),
  ),
)

const expiry = v.pipe(
  v.string(),
  v.check(
    (value) => value === 'never' || readExpiry(value) !== undefined,
    'must be "never", a day such as 2027-03-31 (UTC), or a time with its zone such as 2027-03-31T12:00:00Z, after 1970',
  ),
)

/** The sentence about a token that is none; it does not show it. */
export const notABearerToken =
  'must be a bearer token: letters, digits and "-", ".", "_", "~", "+", "/", with "=" at its end only'

const labelText = v.pipe(
  v.string(),
  v.check(
    isLabelText,
    'must be a text without spaces, "=" and ",", so that `--server tier=edge,site=berlin` can choose by it',
  ),
)

const labels = v.record(labelText, labelText)

const server = v.strictObject({
  remote: v.optional(text),
  url: v.optional(
    v.pipe(text, v.check(isServerUrl, 'must be like "https://10.1.0.7:8443" (http for loopback only)')),
  ),
  socket: v.optional(text),
  project: v.optional(text),
  serverCertificate: v.optional(text),
  clientCertificate: v.optional(text),
  clientKey: v.optional(text),
  token: v.optional(v.pipe(v.string(), v.check(isBearerToken, notABearerToken))),
  tokenFile: v.optional(text),
  labels: v.optional(labels),
})

const count = v.pipe(
  v.number(),
  v.check((value) => Number.isSafeInteger(value) && value >= 1, 'must be a whole number from 1'),
)

const serverNames = v.array(text)

const profiles = v.pipe(
  v.array(text),
  v.check((names) => new Set(names).size === names.length, 'must name each profile once'),
)

const filename = v.pipe(
  text,
  v.check(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    (name) => !/[/\\\u0000-\u001f\u007f]/.test(name) && name !== '.' && name !== '..',
    'must be the name of a file, without "/", "\\" and control characters',
  ),
)

/** What an image can be told where, and what can stand in `defaults`. */
const attributes = {
  public: v.optional(v.boolean()),
  properties: v.optional(properties),
  propertiesMode: v.optional(v.picklist(['merge', 'exact'])),
  autoUpdate: v.optional(v.boolean()),
  profiles: v.optional(profiles),
  expiresAt: v.optional(expiry),
  keep: v.optional(count),
  keepDays: v.optional(count),
}

/** Of an image on one server. */
const override = v.strictObject({
  aliases: v.optional(v.array(alias)),
  ...attributes,
  filename: v.optional(filename),
})

const choice = {
  servers: v.optional(serverNames),
  serverLabels: v.optional(labels),
  allowNoServers: v.optional(v.boolean()),
}

const image = v.strictObject({
  name: aliasName,
  source: v.optional(sourceSchema),
  aliases: v.optional(v.array(alias)),
  ...attributes,
  filename: v.optional(filename),
  ...choice,
  overrides: v.optional(v.record(text, override)),
  state: v.optional(v.picklist(['present', 'absent'])),
})

export const manifestSchema = v.strictObject({
  version: v.literal(1),
  name: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/,
      'must be up to 128 letters, digits, ".", "_", "-" or "/", and begin with a letter or digit',
    ),
  ),
  servers: v.record(text, server),
  defaults: v.optional(v.strictObject({ ...attributes, ...choice })),
  images: v.array(image),
  prune: v.optional(v.strictObject({ maxDelete: v.optional(count) })),
  notify: v.optional(notifySchema),
})

export type WrittenManifest = v.InferOutput<typeof manifestSchema>
export type WrittenImage = v.InferOutput<typeof image>
export type WrittenOverride = v.InferOutput<typeof override>
/** Which servers get an image. */
export type WrittenChoice = Pick<WrittenImage, keyof typeof choice>
export type WrittenServer = v.InferOutput<typeof server>

/** `null` for never, undefined for what is no such text. */
export function readExpiry(value: string): Date | null | undefined {
  if (value === 'never') return null
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(
    value,
  )
  if (!match) return undefined
  const time = new Date(value)
  // `new Date('2027-02-30T00:00Z')` gives March 2 in some engines: the day must exist in its month.
  const daysInMonth = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate()
  const exists = Number(match[3]) <= daysInMonth
  return Number.isNaN(time.getTime()) || !exists || time.getUTCFullYear() <= 1970 ? undefined : time
}

/** As RFC 6750 has it; anything else would not pass as a header, and the error would show it. */
export function isBearerToken(value: string): boolean {
  return /^[A-Za-z0-9._~+/-]+=*$/.test(value)
}

/** Whether a text can be a label of a server, or its value. */
export function isLabelText(value: string): boolean {
  return /^[^\s=,]+$/.test(value)
}

function isAliasName(name: string): boolean {
  return refusalOf(name) === ''
}

function refusalOf(name: string): string {
  try {
    checkAliasName(name)
    return ''
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    return `cannot be an alias${sentence.slice(sentence.lastIndexOf(': '))}`
  }
}
