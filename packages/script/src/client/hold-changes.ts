import type { Transport } from '@hyperkit/core'
import { isLockAlias, type TransportInit } from '@hyperkit/core/parts'
import { type HeldCall, HeldCallError } from './held-call.ts'

/**
 * Makes a transport for `--dry-run`. Requests that only read are sent. A request that would change something is reported and
 * rejects with a {@link HeldCallError}; a body that is a stream is not read. The locks of other requests are not reported.
 */
export function holdChanges(transport: Transport, report: (call: HeldCall) => void): Transport {
  return {
    ...transport,
    async fetch(input, init) {
      const method = (init?.method ?? (typeof input === 'string' ? 'GET' : input.method)).toUpperCase()
      if (!isChange(method)) return transport.fetch(input, init)
      const call = await describeCall(transport, method, input, init)
      if (!isLockCall(call)) report(call)
      throw new HeldCallError(call)
    },
  }
}

/** Whether a request can change something. A GET changes nothing on LXD and Incus. */
export function isChange(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

function isLockCall({ path, body }: HeldCall): boolean {
  const [, named] = /^\/1\.0\/images\/aliases\/([^/?]+)/.exec(path) ?? []
  const created = (body as { name?: unknown } | undefined)?.name
  const name = named === undefined ? created : decodeURIComponent(named)
  return path.startsWith('/1.0/images/aliases') && typeof name === 'string' && isLockAlias(name)
}

async function describeCall(
  transport: Transport,
  method: string,
  input: Request | string,
  init: Partial<TransportInit> | undefined,
): Promise<HeldCall> {
  const url = new URL(typeof input === 'string' ? input : input.url)
  const headers = new Headers(init?.headers ?? (typeof input === 'string' ? undefined : input.headers))
  const telling = [...headers].filter(([name]) => /^(?:if-match|x-(?:lxd|incus)-.*)$/.test(name))
  return {
    server: transport.name,
    method,
    path: `${url.pathname}${url.search}`,
    headers: hideSecrets(Object.fromEntries(telling)) as Record<string, string>,
    body: await describeBody(headers, input, init),
  }
}

async function describeBody(
  headers: Headers,
  input: Request | string,
  init: Partial<TransportInit> | undefined,
): Promise<unknown> {
  const body = init?.body ?? (typeof input === 'string' ? undefined : input.body)
  if (body === undefined || body === null) return undefined
  const type = headers.get('content-type') ?? ''
  if (type === 'application/json') {
    const text = typeof body === 'string' ? body : await new Response(body).text()
    return hideSecrets(JSON.parse(text))
  }
  if (body instanceof ReadableStream) await body.cancel().catch(() => {})
  const size = headers.get('content-length')
  return `<${type || 'bytes'}${size === null ? '' : `, ${size} bytes`}>`
}

const secretName = /password|secret|token|private|(?:^|[-_])key$/i

/** Replaces the values of keys such as `password`, because the calls are shown on screens and in logs. */
function hideSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideSecrets)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isSecret = secretName.test(key) && typeof inner === 'string' && inner !== ''
      return [key, isSecret ? '<hidden>' : hideSecrets(inner)]
    }),
  )
}
