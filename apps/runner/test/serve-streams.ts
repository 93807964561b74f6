import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type SimplestreamsOptions, startSimplestreams } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'

export interface ServedStreams {
  url: string
  serverCertificate: string
  close(): Promise<void>
}

/** Starts a simplestreams server over https with a self-signed certificate, which clients have to pin. */
export async function serveStreams(options: SimplestreamsOptions): Promise<ServedStreams> {
  const { certificate, key } = await createSelfSignedCertificate({ commonName: 'streams' })
  const below = await startSimplestreams(options)
  const server = createServer({ cert: certificate, key }, async (request, response) => {
    const answer = await fetch(`${below.url}${request.url}`)
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serverCertificate: certificate,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await below.stop()
    },
  }
}
