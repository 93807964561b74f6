import type { RecordedRequest } from '@hyperkit/core/parts'
import { type Asked, splitPath } from './asked.ts'
import { type HiddenValues, matchText } from './hidden-values.ts'
import { matchJson } from './match-json.ts'

/** The values of hidden texts if the request matches the recorded one, otherwise the first difference. */
export type RequestMatch =
  | { values: HiddenValues }
  | { differs: 'method or path' | 'query' | 'header' | 'body'; difference: string }

/** @param compareBodies whether a request with another body does not match */
export function matchRequest(
  recorded: RecordedRequest,
  asked: Asked,
  values: HiddenValues,
  compareBodies: boolean,
): RequestMatch {
  const { pathname, query } = splitPath(recorded.path)
  const place = matchText(pathname, asked.pathname, values)
  if (recorded.method !== asked.method || place === undefined) {
    return { differs: 'method or path', difference: `it is ${recorded.method} ${recorded.path}` }
  }
  const parameters = matchJson(Object.fromEntries(query), Object.fromEntries(asked.query), place)
  if ('difference' in parameters)
    return { differs: 'query', difference: `its query ${parameters.difference}` }
  for (const name of ['if-match', 'range']) {
    const [was, is] = [recorded.headers[name], asked.headers.get(name) ?? undefined]
    if (was !== is) {
      return {
        differs: 'header',
        difference: `its header "${name}" was ${JSON.stringify(was) ?? 'missing'} in the recording, and is ${JSON.stringify(is) ?? 'missing'} now`,
      }
    }
  }
  if (!compareBodies) return { values: parameters.values }
  const [was, is] = [comparable(recorded), comparable(asked)]
  const bodies = matchJson(was, is, parameters.values)
  return 'difference' in bodies
    ? { differs: 'body', difference: `its body ${bodies.difference}` }
    : { values: bodies.values }
}

/** What must be equal in a body. The boundary of a multipart body is random, so only its size counts. */
function comparable({ body, headers }: RecordedRequest | Asked): unknown {
  if (body === undefined || !('bytes' in body)) return body
  const type = headers instanceof Headers ? headers.get('content-type') : headers['content-type']
  return type?.startsWith('multipart/') ? { bytes: body.bytes } : { bytes: body.bytes, sha256: body.sha256 }
}
