import { connect } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'

/** Connects with the options in a JSON request, and answers with the number of images or the error. */
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
