import { connect } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'

/** Connects as it is asked to in JSON, and tells how many images there are, or what stood in the way. */
export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const client = await connect(await request.json())
      return Response.json({ images: (await client.images.list()).length })
    } catch (error) {
      return Response.json({
        code: isHyperkitError(error) ? error.code : 'unknown',
        message: String(error),
      })
    }
  },
}
