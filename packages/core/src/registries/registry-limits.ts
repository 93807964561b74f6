import { ServerError } from '../errors/errors.ts'
import type { RegistryCall } from './registry-call.ts'
import type { RegistryLimit, RegistryPlace } from './registry-place.ts'

/** A registry that names a later time is asked after a day nevertheless. */
const longest = 86_400_000

/** @throws {ServerError} if the registry has said that it wants no requests yet */
export function keepLimit(
  { limits, origin, name }: RegistryPlace,
  { action, method, path }: RegistryCall,
): void {
  const limit = limits.get(origin)
  if (limit === undefined) return
  if (Date.now() >= limit.until) {
    limits.delete(origin)
    return
  }
  throw new ServerError('unavailable', `${action} of "${name}": ${limit.why}`, {
    server: name,
    status: 429,
    errorCode: 429,
    serverMessage: limit.serverMessage,
    request: { method, path },
  })
}

/** Remembers when a registry that answered 429 may be asked again, if it says so. */
export function noteLimit(
  { limits, origin }: RegistryPlace,
  { headers }: Response,
  { why, serverMessage }: Omit<RegistryLimit, 'until'>,
): void {
  const seconds = readRetryAfter(headers)
  if (seconds === undefined || seconds <= 0) return
  limits.set(origin, { until: Date.now() + Math.min(seconds * 1000, longest), why, serverMessage })
}

/** The seconds in the header Retry-After, which may also be a date; undefined if there is none. */
export function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text)
  const date = text === '' ? Number.NaN : Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000))
}
