import { type RequestFacts, TransportError } from '../errors/errors.ts'
import { LongDocumentError, readText } from './read-text.ts'
import { transportFailure } from './transport-failure.ts'

/** The document that is read, for errors, and its limit. */
export interface DocumentFacts {
  server: string
  /** `Cannot ${action}` */
  action: string
  request: RequestFacts
  signal?: AbortSignal | undefined
  /** Milliseconds between two pieces; `false` for no limit. @default 60_000 */
  silence?: number | false | undefined
  /** Bytes of the longest document. @default 67108864 */
  maxDocument?: number | undefined
  /** Whether a longer document is an error, or only its beginning is given. @default 'fail' */
  whenLonger?: 'fail' | 'cut' | undefined
}

/**
 * Reads an answer that is a document of an API or a stream, and no image.
 *
 * @throws {TransportError} `answer-too-long`, or what became of the connection
 */
export async function readDocument(response: Response, facts: DocumentFacts): Promise<string> {
  const { action, server, request, signal, silence, maxDocument, whenLonger } = facts
  try {
    return await readText(response, { signal, silence, limit: maxDocument, whenLonger })
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof LongDocumentError))
      throw transportFailure(error, { server, request, action: `Cannot ${action}`, reading: true })
    throw new TransportError(
      'answer-too-long',
      `Cannot ${action} on "${server}": ${error.message}, the limit for documents; if the server really has so much to say, set a higher limit (maxDocument, --max-document)`,
      { cause: error, server, request },
    )
  }
}
