import type { Dialect } from '../dialect/dialect.ts'
import { receiveUnified } from '../ingest/receive-image.ts'
import { describeFailure } from '../remote/describe-failure.ts'
import { type RemoteAnswer, type RemoteRequest, requestRemote } from '../remote/request-remote.ts'
import type { ResolvedImage } from './resolved-image.ts'
import { watchProgress } from './watch-progress.ts'

/** A `url` source: the headers of HEAD have the hash and the location of the file, whatever the status. */
export async function resolveUrlImage(
  dialect: Dialect,
  url: string,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  if (url === '') throw new Error('Missing URL')
  const prefix = dialect.urlHeaderPrefix
  const headers = {
    [`${prefix}-Server-Architectures`]: 'x86_64, i686',
    [`${prefix}-Server-Version`]: dialect.serverVersion,
  }
  const answer = await follow(dialect, url, { method: 'HEAD', headers, signal })
  answer.resume()
  const fingerprint = headerOf(answer, `${prefix}-Image-Hash`)
  const location = headerOf(answer, `${prefix}-Image-URL`)
  return {
    fingerprint,
    info: undefined,
    async download({ store, signal: stop, onProgress }) {
      const body = await follow(dialect, location, { signal: stop })
      if (body.statusCode !== 200) {
        throw new Error(`Unable to fetch ${location}: ${body.statusCode} ${body.statusMessage ?? ''}`)
      }
      const total = Number(body.headers['content-length'] ?? 0)
      const image = await receiveUnified(store, watchProgress(body, total, '', onProgress))
      if (image.fingerprint === fingerprint) return image
      for (const draft of image.drafts) await draft.discard()
      throw new Error(`Hash mismatch for "${location}": ${image.fingerprint} != ${fingerprint}`)
    },
  }
}

function headerOf(answer: RemoteAnswer, name: string): string {
  const value = answer.headers[name.toLowerCase()]
  if (typeof value !== 'string' || value === '') throw new Error(`Missing ${name} header`)
  return value
}

async function follow(dialect: Dialect, url: string, request: RemoteRequest): Promise<RemoteAnswer> {
  let place = url
  for (let hops = 0; hops < 10; hops += 1) {
    const answer = await requestRemote(place, request).catch((error) => {
      throw describeFailure(error, request.method ?? 'GET', place, dialect)
    })
    const next = answer.headers.location
    const status = answer.statusCode ?? 0
    if (next === undefined || status < 300 || status > 399) return answer
    answer.resume()
    place = new URL(next, place).href
  }
  throw new Error(`Get "${url}": stopped after 10 redirects`)
}
