import { createHash } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeCertificate } from '@hyperkit/conformance'

/** A registry of OCI images that answers over https. */
export interface ServedRegistry {
  url: string
  /** PEM. */
  certificate: string
  close(): Promise<void>
}

/** Serves the descriptions of one image, `library/redis:7`, which are all that a plan reads. */
export async function serveRegistry(): Promise<ServedRegistry> {
  const documents = new Map<string, { text: string; digest: string }>()
  const keep = (place: string, value: unknown, tag?: string): string => {
    const text = JSON.stringify(value)
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    for (const name of [digest, ...(tag === undefined ? [] : [tag])])
      documents.set(`/v2/library/redis/${place}/${name}`, { text, digest })
    return digest
  }
  const config = {
    digest: keep('blobs', { architecture: 'amd64', os: 'linux', created: '2026-01-02T03:04:05Z' }),
  }
  const layers = [{ digest: `sha256:${'1'.repeat(64)}`, size: 40_000_000 }]
  keep('manifests', { mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers }, '7')
  const { cert, key } = makeCertificate({ name: '127.0.0.1', addresses: ['127.0.0.1'], kind: 'P-256' })
  const server = createServer({ cert, key }, (request, response) => {
    const found = documents.get(request.url ?? '')
    if (found === undefined) return response.writeHead(404).end()
    response.writeHead(200, { 'docker-content-digest': found.digest })
    return response.end(request.method === 'HEAD' ? undefined : found.text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    certificate: cert,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
