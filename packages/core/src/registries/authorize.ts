import * as v from 'valibot'
import { TransportError } from '../errors/errors.ts'
import { readDocument } from '../http/read-document.ts'
import { fetchFromRegistry } from './fetch-from-registry.ts'
import { type Challenge, readChallenge } from './read-challenge.ts'
import { refusal } from './refusal.ts'
import type { Denied, RegistryCall } from './registry-call.ts'
import type { RegistryCredentials, RegistryPlace } from './registry-place.ts'

interface Allowed {
  authorization: string
  credentials: RegistryCredentials | undefined
}

const tokenSchema = v.looseObject({
  token: v.nullish(v.string()),
  access_token: v.nullish(v.string()),
})

/** Gets the value of Authorization that the registry asks for: of the user's credentials, or a token that its own server gives, also to strangers. */
export async function authorize(
  place: RegistryPlace,
  call: RegistryCall,
  header: string | null,
): Promise<Allowed | Extract<Denied, { credentials: unknown }>> {
  const challenge = readChallenge(header)
  const credentials = await place.credentials()
  if (challenge === undefined) return { denied: 'unknown', credentials }
  if (challenge.kind === 'bearer') {
    const token = await fetchToken(place, call, challenge, credentials)
    return { authorization: `Bearer ${token}`, credentials }
  }
  if (credentials === undefined || credentials.username === '') return { denied: 'none', credentials }
  return { authorization: basic(credentials), credentials }
}

async function fetchToken(
  place: RegistryPlace,
  call: RegistryCall,
  { realm, service, scope }: Extract<Challenge, { kind: 'bearer' }>,
  credentials: RegistryCredentials | undefined,
): Promise<string> {
  const { action, signal } = call
  const fail = (why: string): TransportError =>
    new TransportError('unexpected-answer', `${action} of "${place.name}": ${why}`, { server: place.name })
  const url = URL.canParse(realm) ? new URL(realm) : undefined
  // The credentials go there.
  if (url?.protocol !== 'https:')
    throw fail(
      `it names ${JSON.stringify(url?.origin ?? realm.slice(0, 200))} for tokens, which is no https address`,
    )
  if (url.username + url.password !== '')
    throw fail(`it names ${JSON.stringify(url.origin)} for tokens, with credentials in the address`)
  const request = { method: 'GET', path: url.pathname }
  const asked = {
    ...(service === undefined ? {} : { service }),
    scope: scope ?? call.scope,
  }
  const isIdentity = credentials !== undefined && credentials.username === ''
  if (!isIdentity) for (const [key, value] of Object.entries(asked)) url.searchParams.append(key, value)
  const answer = await fetchFromRegistry(place, call, url.href, {
    ...(isIdentity
      ? { method: 'POST' as const, body: refreshForm(asked, credentials) }
      : { method: 'GET' as const }),
    headers: {
      ...(isIdentity ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      ...(credentials === undefined || isIdentity ? {} : { authorization: basic(credentials) }),
    },
    request,
  })
  if (!answer.ok) throw await refusal(answer, call, place, { denied: 'again', credentials })
  const text = await readDocument(answer, {
    server: place.name,
    action: 'read the token of the registry',
    request,
    signal,
    maxDocument: place.maxDocument,
  })
  const token = tokenOf(text)
  if (token === undefined) throw fail(`the answer of ${url.origin} has no token`)
  return token
}

function refreshForm(asked: Record<string, string>, { secret }: RegistryCredentials): string {
  return new URLSearchParams({
    ...asked,
    grant_type: 'refresh_token',
    client_id: 'hyperkit',
    refresh_token: secret,
  }).toString()
}

function tokenOf(text: string): string | undefined {
  try {
    const { token, access_token } = v.parse(tokenSchema, JSON.parse(text))
    const given = token || access_token || ''
    return /^[\x21-\x7e]+$/.test(given) ? given : undefined
  } catch {
    return undefined
  }
}

function basic({ username, secret }: RegistryCredentials): string {
  const bytes = new TextEncoder().encode(`${username}:${secret}`)
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`
}
