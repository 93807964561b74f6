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
  /** From the header Content-Type, without parameters. */
  mediaType: string
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
): Promise<ReadDocument<v.InferOutput<Schema>> & { headers: Headers }> {
  const kept = digest === undefined ? undefined : await readKept(place, digest)
  if (kept !== undefined) {
    const value = parse(kept, place, call)
    const { action, method, path } = call
    const facts = { server: place.name, action: action.replace(/^Cannot /, ''), request: { method, path } }
    const content = readAs(schema, value, facts)
    return { content, digest: digest ?? '', mediaType: typeOf(value), headers: new Headers() }
  }
  const answer = await askRegistry(place, call)
  const { action, method, path, signal } = call
  const facts = {
    server: place.name,
    action: action.replace(/^Cannot /, ''),
    request: { method, path },
    signal,
  }
  const text = await readDocument(answer, { ...facts, maxDocument: place.maxDocument })
  const actual = digestOf(text)
  const value = parse(text, place, call)
  if (digest !== undefined && actual !== digest)
    throw new FingerprintMismatchError(
      `${action} of "${place.name}": the registry sent a document with the digest ${actual} instead of ${digest}`,
      { server: place.name, expected: digest, actual },
    )
  const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
  const content = readAs(schema, value, facts)
  if (digest !== undefined) await place.documents?.write(digest, text)
  return { content, digest: actual, mediaType, headers: answer.headers }
}

/** A document that was read before, unless its text changed. */
async function readKept({ documents }: RegistryPlace, digest: string): Promise<string | undefined> {
  const text = await documents?.read(digest)
  return text !== undefined && digestOf(text) === digest ? text : undefined
}

/** The media type of a document without its header. */
function typeOf(value: unknown): string {
  const { mediaType, manifests } = (value ?? {}) as { mediaType?: unknown; manifests?: unknown }
  if (typeof mediaType === 'string') return mediaType
  return Array.isArray(manifests) ? indexTypes[0] : manifestTypes[0]
}

/** The digest that a tag stands for now, asked without its content, which registries do not count as a download. */
export async function readDigest(place: RegistryPlace, call: RegistryCall): Promise<string | undefined> {
  const answer = await askRegistry(place, { ...call, method: 'HEAD' })
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
