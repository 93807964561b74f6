import process from 'node:process'
import { PlainHeaders } from './plain-headers.ts'
import { PlainRequest } from './plain-request.ts'
import { PlainResponse } from './plain-response.ts'

// The bundler replaces `globalThis.Headers` by the names below.
const runtime = globalThis
const isNode = process.versions.bun === undefined && !('deno' in process.versions)

/** A command makes no form data; libraries only ask whether a body is some. */
class NoFormData {}

/**
 * What a bundled command has for these names. Node's own classes load all of undici, with TLS, HTTP/2 and zlib: 45 ms of processor time,
 * which is more than Node itself needs to start. The scripts of users import the packages themselves, and see Node's own classes.
 */
export const [Headers, Request, Response, FormData]: readonly unknown[] = isNode
  ? [PlainHeaders, PlainRequest, PlainResponse, NoFormData]
  : [runtime.Headers, runtime.Request, runtime.Response, runtime.FormData]
