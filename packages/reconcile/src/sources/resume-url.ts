import { discardBody } from '@hyperkit/core/parts'
import { type OpenedUrl, type OpenUrlOptions, openUrl } from './open-url.ts'

/**
 * Requests the rest of a file whose beginning has arrived; undefined if the web server does not send it, or if the file has
 * changed.
 */
export async function resumeUrl(
  address: string,
  { response }: OpenedUrl,
  from: number,
  options: Omit<OpenUrlOptions, 'method' | 'headers'>,
): Promise<OpenedUrl | undefined> {
  const etag = response.headers.get('etag')
  const isStrong = etag?.startsWith('"') === true
  const headers = { range: `bytes=${from}-`, ...(isStrong ? { 'if-range': etag } : {}) }
  const rest = await openUrl(address, { ...options, method: 'GET', headers })
  const range = rest.response.headers.get('content-range') ?? ''
  if (rest.response.status === 206 && range.startsWith(`bytes ${from}-`)) return rest
  await discardBody(rest.response)
  rest.close()
  return undefined
}
