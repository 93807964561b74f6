import { connect } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'

interface Bindings {
  SERVER: string
}

/** Passes the access token of the request to the server, as a worker behind a login does. */
export default {
  async fetch(request: Request, { SERVER }: Bindings): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const token = request.headers.get('authorization')?.replace(/^Bearer /, '')
    try {
      const client = await connect({ url: SERVER, ...(token === undefined ? {} : { token }) })
      if (pathname === '/list') return Response.json(await client.images.list())
      if (pathname === '/upload') {
        const bytes = new Uint8Array(await request.arrayBuffer())
        const open = (): ReadableStream<Uint8Array> => new Blob([bytes]).stream()
        return Response.json(await client.images.upload({ kind: 'unified', open }))
      }
      const image = await client.images.export(searchParams.get('fingerprint') ?? '')
      return image.kind === 'unified' ? new Response(image.body) : new Response(null, { status: 500 })
    } catch (error) {
      const code = isHyperkitError(error) ? error.code : 'unknown'
      return Response.json({ code, message: String(error) }, { status: 500 })
    }
  },
}
