import { createHash } from 'node:crypto'
import { openRegistry, type Registry } from '../src/index.ts'

export const url = 'https://registry.example.org'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

export interface Asked {
  method: string
  url: string
  authorization: string | null
}

/** A registry that answers from a table of URLs, and what it was asked. */
export function open(
  answers: (asked: Asked) => Response,
  options: Parameters<typeof openRegistry>[1] = {},
  address = url,
): { registry: Registry; asked: Asked[] } {
  const asked: Asked[] = []
  const fetch = async (to: string, init: RequestInit): Promise<Response> => {
    const request = {
      method: init.method ?? 'GET',
      url: to,
      authorization: new Headers(init.headers).get('authorization'),
    }
    asked.push(request)
    const answer = answers(request)
    return request.method === 'HEAD' ? new Response(null, answer) : answer
  }
  return { registry: openRegistry(address, { name: 'reg', fetch, ...options }), asked }
}

/** The documents of an image for each architecture, by path. */
export function image(architectures: readonly string[], promised = architectures): Map<string, Response> {
  const documents = new Map<string, { text: string; type: string }>()
  const add = (place: string, value: unknown, type: string): string => {
    const text = JSON.stringify(value)
    const digest = digestOf(text)
    documents.set(`/v2/team/app/${place}/${digest}`, { text, type })
    return digest
  }
  const manifests = architectures.map((architecture, place) => {
    const config = add(
      'blobs',
      { architecture, os: 'linux', created: '2024-05-06T07:08:09Z' },
      'application/octet-stream',
    )
    const layers = ['base', architecture].map((layer) => ({ digest: digestOf(layer), size: 10 }))
    const digest = add(
      'manifests',
      { mediaType: ociManifest, config: { digest: config }, layers },
      ociManifest,
    )
    return { digest, platform: { architecture: promised[place] ?? architecture, os: 'linux' } }
  })
  const attestation = { digest: digestOf('x'), platform: { architecture: 'unknown', os: 'unknown' } }
  const index = add('manifests', { mediaType: ociIndex, manifests: [...manifests, attestation] }, ociIndex)
  const top = documents.get(`/v2/team/app/manifests/${index}`)
  if (top !== undefined) documents.set('/v2/team/app/manifests/1', top)
  return new Map(
    [...documents].map(([path, { text, type }]) => [
      path,
      new Response(text, { headers: { 'content-type': type, 'docker-content-digest': digestOf(text) } }),
    ]),
  )
}

export const from =
  (documents: Map<string, Response>) =>
  ({ url: to }: Asked): Response =>
    documents.get(new URL(to).pathname)?.clone() ??
    Response.json({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }, { status: 404 })
