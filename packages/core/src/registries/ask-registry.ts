import { TransportError } from '../errors/errors.ts'
import { discardBody } from '../http/discard-body.ts'
import { authorize } from './authorize.ts'
import { fetchFromRegistry } from './fetch-from-registry.ts'
import { refusal } from './refusal.ts'
import type { Denied, RegistryCall } from './registry-call.ts'
import { keepLimit } from './registry-limits.ts'
import type { RegistryPlace } from './registry-place.ts'

const mostRedirects = 5

/**
 * Sends a request, with credentials only if the registry wants some.
 *
 * A redirect to another host, such as that of a blob to a store, is followed over https without the credentials. Nor does a challenge of
 * that host get any: it would choose where they are sent.
 *
 * @throws {ServerError} for each status that is no success, {TransportError}
 */
export async function askRegistry(place: RegistryPlace, call: RegistryCall): Promise<Response> {
  keepLimit(place, call)
  const { known, first } = await sendNewest(place, call)
  if (!isRefused(first, place)) return settled(first, call, place, undefined)
  const challenge = first.answer.headers.get('www-authenticate')
  const ask = async () => {
    const allowed = await authorize(place, call, challenge)
    if ('authorization' in allowed) place.authorizations.set(call.scope, allowed.authorization)
    return allowed
  }
  const key = `authorization ${call.scope} instead of ${known}`
  const allowed = await (place.shared?.(key, call.action, ask) ?? ask())
  if ('denied' in allowed || allowed.authorization === known) {
    const denied: Denied =
      'denied' in allowed ? allowed : { denied: 'again', credentials: allowed.credentials }
    return settled(first, call, place, denied)
  }
  await discardBody(first.answer)
  const again = await send(place, call, allowed.authorization)
  return settled(again, call, place, { denied: 'again', credentials: allowed.credentials })
}

/** An answer, and the origin that gave it after redirects. */
interface Answered {
  answer: Response
  origin: string
}

function isRefused({ answer, origin }: Answered, place: RegistryPlace): boolean {
  return answer.status === 401 && origin === place.origin
}

/** Sends with the authorization that is known, and with a newer one if another call got it before this one was refused. */
async function sendNewest(
  place: RegistryPlace,
  call: RegistryCall,
): Promise<{ known: string | undefined; first: Answered }> {
  const known = place.authorizations.get(call.scope)
  const first = await send(place, call, known)
  const newer = place.authorizations.get(call.scope)
  if (newer === known || !isRefused(first, place)) return { known, first }
  await discardBody(first.answer)
  return { known: newer, first: await send(place, call, newer) }
}

async function settled(
  { answer, origin }: Answered,
  call: RegistryCall,
  place: RegistryPlace,
  denied: Denied | undefined,
): Promise<Response> {
  if (answer.ok) return answer
  const elsewhere: Denied = { denied: 'elsewhere', origin }
  throw await refusal(answer, call, place, origin === place.origin ? denied : elsewhere)
}

async function send(
  place: RegistryPlace,
  { method, path, accept, action, signal }: RegistryCall,
  authorization: string | undefined,
): Promise<Answered> {
  let url = `${place.origin}${path}`
  for (let redirects = 0; ; redirects++) {
    const { origin } = new URL(url)
    const answer = await fetchFromRegistry(place, { action, signal }, url, {
      method,
      headers: {
        ...(accept === undefined ? {} : { accept: accept.join(', ') }),
        ...(origin === place.origin && authorization !== undefined ? { authorization } : {}),
      },
      request: { method, path },
    })
    const next = answer.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(answer.status) || next === null) return { answer, origin }
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
