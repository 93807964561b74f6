import { createImageServer, type ImageServerOptions } from '@hyperkit/embedded'
import { type OpenServer, openEmbedded } from './open-server.ts'

/** An embedded server that cannot reach other servers, as behind a firewall: it looks for them at an address where nothing listens. */
export async function openFar(folder: string, dialect: ImageServerOptions['dialect']): Promise<OpenServer> {
  const inner = createImageServer({ dialect })
  // Until then, the front itself answers: it must learn to trust the client certificate.
  let isOpen = false
  const front = await openEmbedded(folder, {
    dialect,
    faults: async (request, answer) => (isOpen ? inner.fetch(await redirect(request)) : answer()),
  })
  isOpen = true
  return {
    ...front,
    async close() {
      await front.close()
      await inner.close()
    },
  }
}

async function redirect(request: Request): Promise<Request> {
  const isJson = request.headers.get('content-type') === 'application/json'
  if (request.method !== 'POST' || !request.url.includes('/1.0/images') || !isJson) return request
  const { source, ...rest } = (await request.json()) as { source?: { server?: string } }
  const body = JSON.stringify({ ...rest, source: { ...source, server: 'https://127.0.0.1:1' } })
  const headers = { 'content-type': 'application/json' }
  return new Request(request.url, { method: 'POST', headers, body })
}
