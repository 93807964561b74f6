import * as v from 'valibot'
import { sha256, text } from './text-schemas.ts'

const name = v.pipe(
  text,
  v.regex(/^[^/\\?#%\s]{1,128}$/, 'must be the name of an instance or snapshot, without "/" and spaces'),
)

const address = v.pipe(
  text,
  v.check(isAddress, 'must be an address that begins with "https://" (or "http://"), without a user name'),
)

const fingerprint = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F]{12,64}$/, 'must be a fingerprint: 12 to 64 hex digits'),
  v.toLowerCase(),
)

/** The keys of all kinds of sources; which go together is said by `checkSource`. */
export const sourceSchema = v.strictObject({
  file: v.optional(text),
  metadata: v.optional(text),
  rootfs: v.optional(text),
  type: v.optional(v.picklist(['container', 'virtual-machine'])),
  sha256: v.optional(sha256),
  remote: v.optional(text),
  protocol: v.optional(v.picklist(['lxd', 'incus', 'simplestreams'])),
  alias: v.optional(text),
  fingerprint: v.optional(fingerprint),
  secret: v.optional(text),
  secretFile: v.optional(text),
  project: v.optional(text),
  serverCertificate: v.optional(text),
  url: v.optional(address),
  insecure: v.optional(v.boolean()),
  instance: v.optional(name),
  snapshot: v.optional(name),
  compression: v.optional(text),
  format: v.optional(v.picklist(['unified', 'split'])),
  server: v.optional(text),
})

export type WrittenSource = v.InferOutput<typeof sourceSchema>

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
