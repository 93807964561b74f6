import type * as v from 'valibot'
import { createSha256 } from '../bytes/sha256.ts'
import { FingerprintMismatchError, TransportError } from '../errors/errors.ts'
import { readAs } from '../http/answer.ts'
import { discardBody } from '../http/discard-body.ts'
import { readDocument } from '../http/read-document.ts'
import { askRegistry } from './ask-registry.ts'
import { isDigest } from './image-name.ts'
import { indexTypes, manifestTypes } from './manifests.ts'
import type { RegistryCall } from './registry-call.ts'
import type { RegistryPlace } from './registry-place.ts'

/** A document, and the digest of exactly its bytes. */
export interface ReadDocument<Content> {
  content: Content
  digest: string
  /** As the document itself tells, since what was kept has no header; undefined if it has no known form. */
  mediaType: string | undefined
  /** Of the answer; empty for what was kept. */
  headers: Headers
}

/**
 * Reads a JSON document of a registry and verifies it.
 *
 * @param digest what its bytes must be; undefined if any are right
 */
export async function readRegistryDocument<const Schema extends v.GenericSchema>(
  place: RegistryPlace,
  call: RegistryCall,
  schema: Schema,
  digest: string | undefined,
): Promise<ReadDocument<v.InferOutput<Schema>>> {
  const read = (): Promise<ReadText> => readText(place, call, digest)
  const key = digest === undefined ? `GET ${call.path}` : `document ${digest}`
  const { text, digest: actual, headers } = await (place.shared?.(key, call.action, read) ?? read())
  const value = parse(text, place, call)
  return {
    content: readAs(schema, value, factsOf(place, call)),
    digest: actual,
    mediaType: typeOf(value),
    headers,
  }
}

interface ReadText {
  text: string
  digest: string
  headers: Headers
}

async function readText(
  place: RegistryPlace,
  call: RegistryCall,
  digest: string | undefined,
): Promise<ReadText> {
  const kept = digest === undefined ? undefined : await readKept(place, digest)
  if (kept !== undefined && digest !== undefined) return { text: kept, digest, headers: new Headers() }
  const answer = await askRegistry(place, call)
  const { headers } = answer
  const { signal, action } = call
  const text = await readDocument(answer, { ...factsOf(place, call), signal, maxDocument: place.maxDocument })
  const actual = digestOf(text)
  if (digest !== undefined && actual !== digest) {
    // A web page in its place has an error of its own.
    parse(text, place, call)
    throw new FingerprintMismatchError(
      `${action} of "${place.name}": the registry sent a document with the digest ${actual} instead of ${digest}`,
      { server: place.name, expected: digest, actual },
    )
  }
  if (digest !== undefined) await place.documents?.write(digest, text)
  return { text, digest: actual, headers }
}

function factsOf({ name }: RegistryPlace, { action, method, path }: RegistryCall) {
  return { server: name, action: action.replace(/^Cannot /, ''), request: { method, path } }
}

/** A document that was read before, unless its text changed, or is longer than one that may be read now. */
async function readKept(
  { documents, maxDocument }: RegistryPlace,
  digest: string,
): Promise<string | undefined> {
  const text = await documents?.read(digest)
  if (text === undefined || digestOf(text) !== digest) return undefined
  return new TextEncoder().encode(text).length > maxDocument ? undefined : text
}

/** The media type of a document: in indexes and manifests of OCI it is optional. */
function typeOf(value: unknown): string | undefined {
  const { mediaType, manifests, config, layers } = (value ?? {}) as Record<string, unknown>
  if (typeof mediaType === 'string') return mediaType
  if (Array.isArray(manifests)) return indexTypes[0]
  return config !== undefined && Array.isArray(layers) ? manifestTypes[0] : undefined
}

/** The digest that a tag stands for now, asked without its content, which registries do not count as a download. */
export async function readDigest(place: RegistryPlace, call: RegistryCall): Promise<string | undefined> {
  const read = (): Promise<string | undefined> => askDigest(place, { ...call, method: 'HEAD' })
  return place.shared?.(`HEAD ${call.path}`, call.action, read) ?? read()
}

async function askDigest(place: RegistryPlace, call: RegistryCall): Promise<string | undefined> {
  const answer = await askRegistry(place, call)
  await discardBody(answer)
  const type = answer.headers.get('content-type') ?? ''
  if (type.includes('html')) throw notRegistry(place, call, `a web page (${type})`)
  const digest = answer.headers.get('docker-content-digest') ?? ''
  return isDigest(digest) ? digest : undefined
}

function parse(text: string, place: RegistryPlace, call: RegistryCall): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notRegistry(place, call, JSON.stringify(text.trim().slice(0, 100)))
  }
}

function notRegistry(
  { name }: RegistryPlace,
  { action, method, path }: RegistryCall,
  what: string,
): TransportError {
  return new TransportError(
    'unexpected-answer',
    `${action} of "${name}": the answer is ${what} and not that of a registry; check the address`,
    { server: name, request: { method, path } },
  )
}

function digestOf(text: string): string {
  const hash = createSha256()
  hash.update(new TextEncoder().encode(text))
  return `sha256:${hash.digest('hex')}`
}
