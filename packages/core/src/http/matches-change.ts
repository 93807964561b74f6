import { isPathOfAlias } from './alias-path.ts'
import type { Call } from './call.ts'

/** What a `PUT` or a `POST` sets if it leaves a field out. The expiry is kept (T14), and servers differ in the profiles. */
const reset = {
  image: { public: false, auto_update: false, properties: {} },
  alias: { description: '' },
}

/**
 * Whether a thing is in the state that a change asks for. A `PATCH` names some fields and properties; a `PUT` replaces all of them, so
 * that a property which it does not name must be gone. Servers write times and lists in their own way.
 *
 * @param found the thing, as the server shows it, with fields that no change sets
 */
export function matchesChange(
  { method, path, json }: Pick<Call, 'method' | 'path' | 'json'>,
  found: unknown,
): boolean {
  if (method === 'PATCH') return has(found, json)
  const left = method === 'POST' || isPathOfAlias(path) ? reset.alias : reset.image
  const wanted = { ...left, ...recordOf(json) }
  return Object.entries(wanted).every(([key, value]) => isSame(recordOf(found)[key], value))
}

/** Whether it has everything that is wanted, and perhaps more. */
function has(found: unknown, wanted: unknown): boolean {
  if (!isRecord(wanted)) return isSame(found, wanted)
  return Object.entries(wanted).every(([key, value]) => has(recordOf(found)[key], value))
}

/** Whether both are the same. An empty value is none: servers write an empty list for null, and remove an empty property. */
function isSame(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted) || Array.isArray(found)) return listOf(found) === listOf(wanted)
  if (isRecord(wanted) || isRecord(found)) {
    const [one, other] = [recordOf(found), recordOf(wanted)]
    return Object.keys({ ...one, ...other }).every((key) => isSame(one[key], other[key]))
  }
  if (typeof wanted === 'string' && typeof found === 'string') {
    const time = timeOf(wanted)
    if (time !== undefined) return time === timeOf(found)
  }
  return (found ?? '') === (wanted ?? '')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function listOf(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? [...value].sort() : (value ?? []))
}

/** Milliseconds since 1970; 0 for never, which servers write as a time of the year 1 or 1970. */
function timeOf(text: string): number | undefined {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Math.max(0, Date.parse(text)) : undefined
}
