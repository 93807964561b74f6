import type { Image } from '@hyperkit/core'
import { UsageError } from '../arguments/usage-error.ts'
import type { ColumnsByLetter } from '../output/read-columns.ts'
import type { FilterRules } from './filter-rules.ts'
import { imageRecord } from './image-record.ts'
import { readPattern } from './read-pattern.ts'

/** A filter that was read from one word. */
export interface ImageWordFilter {
  /** The text before `=`; undefined for a part of an alias or of a fingerprint. */
  key: string | undefined
  matches(image: Image): boolean
  /** Whether the image has a field or property with this name. */
  isKnown(image: Image): boolean
  /** Whether the key is a field whose value does not match, but a property of the same name does. */
  isShadowed?(image: Image): boolean
}

/** All fields of an image by the names of the API, optional ones included. */
export const fieldNames = [
  ...[
    'aliases',
    'architecture',
    'auto_update',
    'cached',
    'created_at',
    'expires_at',
    'filename',
    'fingerprint',
  ],
  ...['last_used_at', 'profiles', 'project', 'public', 'size', 'type', 'update_source.alias'],
  ...['update_source.protocol', 'update_source.server', 'uploaded_at'],
] as const

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  '1': true,
  yes: true,
  false: false,
  f: false,
  '0': false,
  no: false,
}

/**
 * Reads a filter as `incus` and `lxc` do: `key=value`, or a part of an alias or of a fingerprint. A key is a field of the API, the
 * letter of a column, or the beginning of a property's name, part by part (`u.kind` is `user.kind`).
 *
 * @throws UsageError a value that the field cannot have
 */
export function readFilter(
  word: string,
  rules: FilterRules,
  columns: ColumnsByLetter<Image>,
): ImageWordFilter {
  const at = word.indexOf('=')
  if (at < 1) {
    const matches = ({ fingerprint, aliases }: Image): boolean =>
      fingerprint.includes(word.toLowerCase()) || aliases.some(({ name }) => name.includes(word))
    return { key: undefined, matches, isKnown: () => true }
  }
  const [key, value] = [word.slice(0, at), word.slice(at + 1)]
  const property = propertyFilter(key, value, rules)
  if ((fieldNames as readonly string[]).includes(key)) {
    const isField = fieldTest(key, value)
    const isBoth = rules.fieldsOrProperties === 'all' || rules.fieldsOrProperties.includes(key)
    return {
      key,
      matches: (image) => isField(image) || (isBoth && property.isKnown(image) && property.matches(image)),
      isKnown: () => true,
      isShadowed: (image) => property.isKnown(image) && property.matches(image),
    }
  }
  const column = Object.hasOwn(columns, key) ? columns[key] : undefined
  return {
    key,
    matches: (image) => property.matches(image) || column?.text(image) === value,
    isKnown: (image) => column !== undefined || property.isKnown(image),
  }
}

function fieldTest(key: string, value: string): (image: Image) => boolean {
  if (key === 'public' || key === 'cached' || key === 'auto_update') {
    const wanted = booleans[value.toLowerCase()]
    if (wanted === undefined)
      throw new UsageError(`"${key}" of an image is true or false, not ${JSON.stringify(value)}`)
    return (image) => fieldOf(image, key) === wanted
  }
  if (key === 'size') {
    if (!/^\d+$/.test(value))
      throw new UsageError(`"size" of an image is a number of bytes, not ${JSON.stringify(value)}`)
    return ({ size }) => size === Number(value)
  }
  const isText = readPattern(value, { ignoresCase: true })
  if (!key.endsWith('_at')) return (image) => textsOf(fieldOf(image, key)).some(isText)
  const time = Date.parse(value)
  return (image) => {
    const text = fieldOf(image, key)
    return typeof text === 'string' && (Date.parse(text) === time || isText(text))
  }
}

function propertyFilter(
  key: string,
  value: string,
  { serverCompares, shortens }: FilterRules,
): Omit<ImageWordFilter, 'key'> {
  const name = key.startsWith('properties.') ? key.slice('properties.'.length) : key
  const isValue = readPattern(value, { ignoresCase: serverCompares, isList: serverCompares })
  const valuesOf = ({ properties }: Image): string[] => {
    const named = Object.keys(properties).filter((one) => beginsSo(one, name, shortens))
    const [first] = Object.hasOwn(properties, name) ? [name] : named.sort()
    const meant = shortens === 'every-part' || first === undefined ? named : [first]
    return meant.map((one) => properties[one] ?? '')
  }
  return {
    // A server that compares properties treats a missing one as an empty text.
    matches: (image) => {
      const values = valuesOf(image)
      return (values.length === 0 && serverCompares ? [''] : values).some(isValue)
    },
    isKnown: (image) => valuesOf(image).length > 0,
  }
}

function beginsSo(name: string, short: string, shortens: FilterRules['shortens']): boolean {
  const [parts, begun] = [name.split('.'), short.split('.')]
  const fits = (part: string, index: number): boolean =>
    shortens === 'every-part' || index === 0 ? part.startsWith(begun[index] ?? '') : part === begun[index]
  return parts.length === begun.length && parts.every(fits)
}

function fieldOf(image: Image, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (value, part) => (value as Record<string, unknown> | undefined)?.[part],
      imageRecord(image),
    )
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return []
  return value.map((one) => (typeof one === 'string' ? one : (one as { name: string }).name))
}
