import { TransportError } from '../errors/errors.ts'
import { discardBody } from '../http/discard-body.ts'
import { fetchElsewhere } from '../http/fetch-elsewhere.ts'
import { authorize } from './authorize.ts'
import { refusal } from './refusal.ts'
import type { Denied, RegistryCall } from './registry-call.ts'
import type { RegistryPlace } from './registry-place.ts'

const mostRedirects = 5

/**
 * Sends a request, with credentials only if the registry wants some.
 *
 * A redirect to another host, such as that of a blob to a store, is followed over https without the credentials.
 *
 * @throws {ServerError} for each status that is no success, {TransportError}
 */
export async function askRegistry(place: RegistryPlace, call: RegistryCall): Promise<Response> {
  const known = place.authorizations.get(call.scope)
  const first = await send(place, call, known)
  if (first.status !== 401) return settled(first, call, place, undefined)
  const allowed = await authorize(place, call, first.headers.get('www-authenticate'))
  if ('denied' in allowed || allowed.authorization === known) {
    const denied: Denied =
      'denied' in allowed ? allowed : { denied: 'again', credentials: allowed.credentials }
    return settled(first, call, place, denied)
  }
  await discardBody(first)
  place.authorizations.set(call.scope, allowed.authorization)
  const again = await send(place, call, allowed.authorization)
  return settled(again, call, place, { denied: 'again', credentials: allowed.credentials })
}

async function settled(
  answer: Response,
  call: RegistryCall,
  place: RegistryPlace,
  denied: Denied | undefined,
): Promise<Response> {
  if (answer.ok) return answer
  throw await refusal(answer, call, place, denied)
}

async function send(
  place: RegistryPlace,
  { method, path, accept, action, signal }: RegistryCall,
  authorization: string | undefined,
): Promise<Response> {
  let url = `${place.origin}${path}`
  for (let redirects = 0; ; redirects++) {
    const isOwn = new URL(url).origin === place.origin
    const answer = await fetchElsewhere(url, {
      fetch: place.fetch,
      method,
      headers: {
        ...(accept === undefined ? {} : { accept: accept.join(', ') }),
        ...(isOwn && authorization !== undefined ? { authorization } : {}),
      },
      redirect: 'manual',
      insecure: true,
      instead: '',
      signal,
      action,
      server: place.name,
      request: { method, path },
    })
    const next = answer.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(answer.status) || next === null) return answer
    await discardBody(answer)
    url = redirectedTo(next, url, redirects, () => ({ place, action, method, path }))
  }
}

interface Redirected {
  place: RegistryPlace
  action: string
  method: string
  path: string
}

function redirectedTo(next: string, url: string, redirects: number, facts: () => Redirected): string {
  const to = URL.canParse(next, url) ? new URL(next, url) : undefined
  if (to?.protocol === 'https:' && redirects < mostRedirects) return to.href
  const { place, action, method, path } = facts()
  const why =
    to?.protocol === 'https:'
      ? 'it redirects too often'
      : `it redirects to ${JSON.stringify(next.slice(0, 200))}, which is not https`
  throw new TransportError('unexpected-answer', `${action} of "${place.name}": ${why}`, {
    server: place.name,
    request: { method, path },
  })
}
