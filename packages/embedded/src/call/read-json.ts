import { Failure } from '../answer/failure.ts'
import { JsonSyntaxError, parseGoJson } from '../json/parse-go-json.ts'

/**
 * The JSON body of a request, whatever its Content-Type says.
 *
 * @throws {Failure} 400
 */
export async function readJson(request: Request): Promise<unknown> {
  return parseJson(await request.text())
}

/** @throws {Failure} 400 */
export function parseJson(text: string): unknown {
  try {
    return parseGoJson(text)
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new Failure(400, error.message)
    throw error
  }
}
