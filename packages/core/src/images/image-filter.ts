import { ArgumentError } from '../errors/errors.ts'
import type { Dialect } from '../model/dialect.ts'
import type { Image, ImageType } from '../model/image.ts'

/**
 * Conditions that an image must meet, all of them. Texts are compared exactly, with their case; `hyperkit list` and `filterImages` of
 * the script package accept patterns.
 */
export interface ImageFilter {
  public?: boolean
  type?: ImageType
  architecture?: string
  filename?: string
  cached?: boolean
  autoUpdate?: boolean
  properties?: Readonly<Record<string, string>>
}

const keys: Readonly<Record<keyof ImageFilter, true>> = {
  public: true,
  type: true,
  architecture: true,
  filename: true,
  cached: true,
  autoUpdate: true,
  properties: true,
}

/** @throws {ArgumentError} for an unknown key: no image would match, and an empty list would be misleading */
export function checkFilter(filter: ImageFilter): void {
  const unknown = Object.keys(filter).find((key) => !Object.hasOwn(keys, key))
  if (unknown === undefined) return
  throw new ArgumentError(
    'filter',
    `Cannot filter images by ${JSON.stringify(unknown)}: known filters: ${Object.keys(keys).join(', ')}`,
  )
}

/**
 * Texts that match the same, or more, as regular expressions of the server, and that need no quotes: the server's parser runs on to the
 * next quote unless a quoted text has at least two words.
 */
const plain = /^[A-Za-z0-9._-]+$/

/**
 * The part of a filter that the server can apply, to save bytes. Servers compare with regular expressions and ignore the case, LXD does
 * not match booleans, and a filter on aliases makes the handler panic. So the client filters again.
 */
export function serverFilter(filter: ImageFilter, dialect: Dialect): string | undefined {
  const terms: string[] = []
  const text = (field: string, value: string | undefined): void => {
    if (value !== undefined && plain.test(value)) terms.push(`${field} eq ${value}`)
  }
  text('type', filter.type)
  text('architecture', filter.architecture)
  for (const [key, value] of Object.entries(filter.properties ?? {}))
    if (/^[a-z]+$/.test(key)) text(`properties.${key}`, value)
  if (dialect.filtersBooleans && filter.public !== undefined) terms.push(`public eq ${filter.public}`)
  return terms.length === 0 ? undefined : terms.join(' and ')
}

export function matchesFilter(image: Image, filter: ImageFilter): boolean {
  const { properties, ...fields } = filter
  return (
    Object.entries(fields).every(
      ([key, value]) => value === undefined || image[key as keyof typeof fields] === value,
    ) && Object.entries(properties ?? {}).every(([key, value]) => image.properties[key] === value)
  )
}
