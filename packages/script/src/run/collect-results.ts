import { renderJson } from '../output/render-document.ts'
import { type JsonError, renderErrorDocument } from './json-error.ts'

/** The documents that a script prints under `--json`. The last one is printed at the end, because an error is added to it. */
export interface Results {
  /** Takes a document of the result. */
  take(document: unknown): void
  /** Takes a failure that does not end the script. */
  fail(error: JsonError): void
  /** The failures so far as one error. */
  readonly error: JsonError | undefined
  /** Ends the run: prints the documents that are still waiting. */
  end(error: JsonError | undefined): Promise<void>
}

/** @param print prints a text on stdout */
export function collectResults(isJson: boolean, print: (text: string) => Promise<void>): Results {
  let printed = Promise.resolve()
  let last: { document: unknown } | undefined
  const failures: JsonError[] = []
  const write = (text: string): void => {
    printed = printed.then(() => print(text))
    // end() reports the error; until then it must not count as unhandled.
    printed.catch(() => {})
  }
  return {
    take(document) {
      if (last !== undefined) write(renderJson(last.document))
      last = { document }
    },
    fail: (error) => void failures.push(error),
    get error() {
      const [first] = failures
      return first && { code: first.code, message: failures.map(({ message }) => message).join('\n') }
    },
    async end(error) {
      const document = last?.document
      const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
      if (error !== undefined && isObject) write(renderJson({ ...document, error }))
      else {
        if (last !== undefined) write(renderJson(document))
        if (error !== undefined && isJson) write(renderErrorDocument(error))
      }
      last = undefined
      await printed
    },
  }
}
