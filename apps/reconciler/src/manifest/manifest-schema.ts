import { checkAliasName } from '@hyperkit/core'
import * as v from 'valibot'

/**
 * The file as it is written: the one description that keys, types and (later) editors' schemas come from.
 *
 * Objects are strict, but valibot names only the first unknown key of an object; `readValue` looks for them beforehand.
 */
const text = v.pipe(v.string(), v.nonEmpty('must not be empty'))

const plainText = v.pipe(
  text,
  v.check((value) => !value.includes('\0'), 'must not contain a NUL character'),
)

const aliasName = v.pipe(
  v.string(),
  v.check(isAliasName, (issue) => refusalOf(String(issue.input))),
)

const alias = v.union([aliasName, v.strictObject({ name: aliasName, description: v.optional(v.string()) })])

const sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 of 64 hex digits'),
  v.toLowerCase(),
)

const propertyKey = v.pipe(
  plainText,
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
})

const source = v.strictObject({
  file: v.optional(plainText),
  metadata: v.optional(plainText),
  rootfs: v.optional(plainText),
  type: v.optional(v.picklist(['container', 'virtual-machine'])),
  sha256: v.optional(sha256),
})

const count = v.pipe(
  v.number(),
  v.check((value) => Number.isSafeInteger(value) && value >= 1, 'must be a whole number from 1'),
)

const serverNames = v.array(text)

const image = v.strictObject({
  name: aliasName,
  source: v.optional(source),
  aliases: v.optional(v.array(alias)),
  public: v.optional(v.boolean()),
  properties: v.optional(properties),
  expiresAt: v.optional(expiry),
  keep: v.optional(count),
  keepDays: v.optional(count),
  servers: v.optional(serverNames),
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
  defaults: v.optional(
    v.strictObject({
      public: v.optional(v.boolean()),
      properties: v.optional(properties),
      expiresAt: v.optional(expiry),
      keep: v.optional(count),
      keepDays: v.optional(count),
      servers: v.optional(serverNames),
    }),
  ),
  images: v.array(image),
  prune: v.optional(v.strictObject({ maxDelete: v.optional(count) })),
})

export type WrittenManifest = v.InferOutput<typeof manifestSchema>
export type WrittenImage = v.InferOutput<typeof image>
export type WrittenServer = v.InferOutput<typeof server>
export type WrittenSource = v.InferOutput<typeof source>

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

function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback)) && username === '' && password === ''
}
