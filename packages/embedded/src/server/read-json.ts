import { Failure } from '../answer/failure.ts'
import { JsonSyntaxError, parseGoJson } from '../json/parse-go-json.ts'

/**
 * The JSON body of a request, whatever its Content-Type says.
 *
 * @throws {Failure} 400
 */
export async function readJson(request: Request): Promise<unknown> {
  try {
    return parseGoJson(await request.text())
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new Failure(400, error.message)
    throw error
  }
}
