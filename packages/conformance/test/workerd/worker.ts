import { createClient, fetchTransport, isHyperkitError } from '@hyperkit/core'

interface Bindings {
  SERVER: string
}

/** A worker that uses the library: reads, streams an image up and down, distinguishes errors. */
export default {
  async fetch(request: Request, bindings: Bindings): Promise<Response> {
    const client = createClient({ transport: fetchTransport(bindings.SERVER, { redirect: 'manual' }) })
    const { pathname } = new URL(request.url)
    try {
      if (pathname === '/list') return Response.json(await client.images.list())
      if (pathname === '/upload') {
        const bytes = new Uint8Array(await request.arrayBuffer())
        const open = (): ReadableStream<Uint8Array> => new Blob([bytes]).stream()
        return Response.json(
          await client.images.upload({ kind: 'unified', open }, { aliases: ['from/edge'] }),
        )
      }
      if (pathname === '/export') {
        const image = await client.images.export(new URL(request.url).searchParams.get('fingerprint') ?? '')
        return image.kind === 'unified' ? new Response(image.body) : new Response(null, { status: 500 })
      }
      return Response.json(await client.aliases.get('nobody'))
    } catch (error) {
      return Response.json(
        { code: isHyperkitError(error) ? error.code : 'unknown', message: String(error) },
        { status: 500 },
      )
    }
  },
}
