import { createHash } from 'node:crypto'
import type { Transport } from '@hyperkit/core'

/** A registry at an address that no name server knows, for programs whose transports this wraps. */
export interface ScriptedRegistry {
  url: string
  /** `HEAD /v2/team/app/manifests/1`, in the order in which they were asked. */
  asked: string[]
  /** Answers in its place; undefined for the answer of the registry itself. */
  instead: ((path: string) => Response | undefined) | undefined
  wrap(transport: Transport): Transport
}

/** Has `team/app:1` for these architectures, and wants a token. */
export function scriptRegistry(architectures: readonly string[] = ['amd64', 'arm64']): ScriptedRegistry {
  const url = 'https://registry.invalid'
  const documents = new Map<string, { text: string; digest: string }>()
  const keep = (place: string, value: unknown): string => {
    const text = JSON.stringify(value)
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    for (const name of [digest, ...(place === 'top' ? ['1'] : [])])
      documents.set(`/v2/team/app/${place === 'blobs' ? place : 'manifests'}/${name}`, { text, digest })
    return digest
  }
  const manifests = architectures.map((architecture) => {
    const config = { digest: keep('blobs', { architecture, os: 'linux' }) }
    const layers = [{ digest: keep('blobs', { layer: architecture }), size: 10 }]
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const digest = keep('manifests', { mediaType, config, layers })
    return { digest, platform: { architecture, os: 'linux' } }
  })
  keep('top', { mediaType: 'application/vnd.oci.image.index.v1+json', manifests })
  const answer = (method: string, path: string, headers: Headers): Response => {
    if (path === '/token') return Response.json({ token: 'stranger' })
    const realm = `Bearer realm="${url}/token",service="registry"`
    if (!headers.has('authorization'))
      return new Response(null, { status: 401, headers: { 'www-authenticate': realm } })
    const found = documents.get(path)
    if (found === undefined) return new Response(null, { status: 404 })
    return new Response(method === 'HEAD' ? null : found.text, {
      headers: { 'docker-content-digest': found.digest },
    })
  }
  const registry: ScriptedRegistry = {
    url,
    asked: [],
    instead: undefined,
    wrap(transport) {
      if (transport.origin !== url) return transport
      return {
        ...transport,
        async fetch(input, { method = 'GET', headers } = {}) {
          const { pathname } = new URL(input instanceof Request ? input.url : String(input))
          registry.asked.push(`${method} ${pathname}`)
          return registry.instead?.(pathname) ?? answer(method, pathname, new Headers(headers))
        },
      }
    },
  }
  return registry
}
