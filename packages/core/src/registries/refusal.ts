import * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import { codeOfStatus } from '../http/answer.ts'
import { readText } from '../http/read-text.ts'
import { tameWords } from '../model/hide-secrets.ts'
import type { Denied, RegistryCall } from './registry-call.ts'
import { noteLimit, readRetryAfter } from './registry-limits.ts'
import type { RegistryPlace } from './registry-place.ts'

const errorsSchema = v.looseObject({
  errors: v.array(v.looseObject({ code: v.nullish(v.string(), ''), message: v.nullish(v.string(), '') })),
})

/** The error of an answer that is no success: what the registry means by it, and what to do. */
export async function refusal(
  answer: Response,
  { action, method, path, scope, missing }: RegistryCall,
  place: RegistryPlace,
  denied: Denied | undefined,
): Promise<ServerError> {
  const { status, headers } = answer
  const words = await wordsOf(answer)
  const why = explain(status, headers, place, {
    words,
    missing,
    denied,
    isCatalogue: scope.startsWith('registry:'),
  })
  const code = status === 429 ? 'unavailable' : codeOfStatus(status)
  if (status === 429) noteLimit(place, answer, { why, serverMessage: words })
  return new ServerError(code, `${action} of "${place.name}": ${why}`, {
    server: place.name,
    status,
    errorCode: status,
    serverMessage: words,
    request: { method, path },
  })
}

interface Reasons {
  words: string
  missing: string
  denied: Denied | undefined
  /** Registries seldom list their repositories, to anybody. */
  isCatalogue: boolean
}

function explain(
  status: number,
  headers: Headers,
  place: RegistryPlace,
  { words, missing, denied, isCatalogue }: Reasons,
): string {
  const said = words === '' ? '' : ` ${JSON.stringify(words)}`
  if (status === 404 || (isCatalogue && (status === 401 || status === 403))) return missing
  if (status === 429)
    return `the registry allows no more requests for now${limits(headers)}; ${laterAdvice(headers)}`
  if (status === 401 || status === 403) return unwelcome(status, place, denied, said)
  return `the registry answered ${status}${said}`
}

function unwelcome(status: number, place: RegistryPlace, denied: Denied | undefined, said: string): string {
  const { host } = new URL(place.url)
  if (denied?.denied === 'unknown')
    return `the registry answered ${status}, and does not say which credentials it wants`
  if (denied?.denied === 'elsewhere')
    return `it redirects to ${denied.origin}, which answered ${status}; only the registry itself is given credentials`
  const { credentials } = denied ?? {}
  if (credentials === undefined)
    return `it is not there, or the registry shows it only to users that it knows; log in with "docker login ${host}", or name the credentials in DOCKER_AUTH_CONFIG`
  const who =
    credentials.username === ''
      ? 'the identity token'
      : `the credentials of ${JSON.stringify(credentials.username)}`
  return `the registry does not accept ${who} in ${credentials.from} for this (${status}${said}); correct them, or ask for access`
}

/** What the headers say of the limit: `100;w=21600` are 100 requests in 21600 seconds. */
function limits(headers: Headers): string {
  const [limit, left] = ['ratelimit-limit', 'ratelimit-remaining'].map((name) => headers.get(name))
  const read = /^(\d+)(?:;w=(\d+))?/.exec(limit ?? '')
  if (read === null) return ''
  const [, count, seconds] = read
  const within = seconds === undefined ? '' : ` in ${duration(Number(seconds))}`
  const remaining = /^\d+/.exec(left ?? '')?.[0]
  return ` (its limit is ${count} requests${within}${remaining === undefined ? '' : `, ${remaining} are left`})`
}

function laterAdvice(headers: Headers): string {
  const after = readRetryAfter(headers)
  const wait = after === undefined ? 'try again later' : `try again in ${duration(after)}`
  return `${wait}, or log in with "docker login", since users that a registry knows often have a higher limit`
}

function duration(seconds: number): string {
  const units = [
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const
  const [size, unit] = units.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, 'second']
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** The registry's own words; empty if it sent a web page, or nothing. */
async function wordsOf(answer: Response): Promise<string> {
  try {
    const text = await readText(answer, { limit: 16_384, whenLonger: 'cut' })
    const { errors } = v.parse(errorsSchema, JSON.parse(text))
    return tameWords(errors.map(({ code, message }) => message || code).join('; '))
  } catch {
    return ''
  }
}
