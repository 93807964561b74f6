import { fetchAsTold } from '@hyperkit/connect'
import { discardBody } from '@hyperkit/core/parts'
import type { NotifyTarget } from '../manifest/notify.ts'

/**
 * Sends a report to a web server, through the proxy of the environment. Redirects are not followed, since the headers may hold
 * credentials for this server only.
 *
 * @param timeout milliseconds
 */
export async function postReport(
  { url, headers }: Extract<NotifyTarget, { kind: 'webhook' }>,
  text: string,
  timeout: number,
): Promise<void> {
  const given = new Headers(headers)
  if (!given.has('content-type')) given.set('content-type', 'application/json')
  const throughProxy = fetchAsTold(url)
  // A proxied connection would stay open for a next request, and there is none.
  if (throughProxy !== undefined) given.set('connection', 'close')
  const answer = await (throughProxy ?? fetch)(url, {
    method: 'POST',
    headers: given,
    body: text,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  }).catch((error: unknown) => {
    throw new Error(explain(error, timeout), { cause: error })
  })
  await discardBody(answer)
  if (!answer.ok) throw new Error(`the web server answered with status ${answer.status}`)
}

function explain(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `the web server did not answer within ${timeout / 1000} s`
  const { cause } = error
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message
}
