import { Failure } from '../answer/failure.ts'
import { normalizeTimestamp } from './timestamp.ts'

/** The Go types of the fields that this server reads. */
export type FieldType =
  | 'bool'
  | 'string'
  | '[]string'
  | 'map[string]string'
  | 'time'
  | 'object'
  | '[]object'
  | 'any'

interface FieldValues {
  bool: boolean
  string: string
  '[]string': string[]
  'map[string]string': Record<string, string>
  time: string
  object: Record<string, unknown>
  '[]object': Record<string, unknown>[]
  any: unknown
}

/** Fields that were absent are `undefined`; those that were `null` are `null`. */
export type Fields<S extends Record<string, FieldType>> = {
  [K in keyof S]: FieldValues[S[K]] | null | undefined
}

/**
 * Picks the named fields out of a request body as Go's decoder does: keys match in any case, unknown keys are ignored,
 * and a value of the wrong type is refused in Go's words.
 *
 * @throws {Failure} 400
 */
export function decodeFields<const S extends Record<string, FieldType>>(
  body: unknown,
  struct: string,
  fields: S,
): Fields<S> {
  const result: Record<string, unknown> = {}
  if (body === null) return result as Fields<S>
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new Failure(400, `json: cannot unmarshal ${kindOf(body)} into Go value of type api.${struct}`)
  }
  const types: Record<string, FieldType> = fields
  for (const [key, value] of Object.entries(body)) {
    const name = Object.hasOwn(types, key) ? key : Object.keys(types).find((field) => sameKey(field, key))
    const type = name === undefined ? undefined : types[name]
    if (name === undefined || type === undefined) continue
    result[name] = value === null ? null : decodeField(value, type, `${struct}.${name}`)
  }
  return result as Fields<S>
}

function sameKey(field: string, key: string): boolean {
  return field.toLowerCase() === key.toLowerCase()
}

function decodeField(value: unknown, type: FieldType, path: string): unknown {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? value : mismatch(value, path, 'bool')
    case 'string':
      return typeof value === 'string' ? value : mismatch(value, path, 'string')
    case 'time':
      return typeof value === 'string'
        ? normalizeTimestamp(value)
        : fail('Time.UnmarshalJSON: input is not a JSON string')
    case 'any':
      return value
    case 'object':
      return isObject(value) ? value : mismatch(value, path, 'struct')
    case '[]string':
      if (!Array.isArray(value)) return mismatch(value, path, '[]string')
      return value.map((item) => text(item, path))
    case '[]object':
      if (!Array.isArray(value)) return mismatch(value, path, '[]struct')
      return value.map((item: unknown) => (isObject(item) ? item : mismatch(item, path, 'struct')))
    case 'map[string]string':
      if (!isObject(value)) return mismatch(value, path, 'map[string]string')
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item, path)]))
  }
}

function text(value: unknown, path: string): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : mismatch(value, path, 'string')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mismatch(value: unknown, path: string, type: string): never {
  return fail(`json: cannot unmarshal ${kindOf(value)} into Go struct field ${path} of type ${type}`)
}

function fail(message: string): never {
  throw new Failure(400, message)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}
