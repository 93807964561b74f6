import { ArgumentError } from '../errors/errors.ts'
import type { Dialect } from '../model/dialect.ts'
import type { Image, ImageType } from '../model/image.ts'

/**
 * What an image must have; several are joined by "and". Texts are compared exactly, upper and lower case included; `hyperkit
 * list` and `filterImages` of the script package read patterns.
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

/** @throws {ArgumentError} a key that images are not filtered by: no image would have it, and an empty list would be no truth */
export function checkFilter(filter: ImageFilter): void {
  const unknown = Object.keys(filter).find((key) => !Object.hasOwn(keys, key))
  if (unknown === undefined) return
  throw new ArgumentError(
    'filter',
    `Cannot filter images by ${JSON.stringify(unknown)}: filters are ${Object.keys(keys).join(', ')}`,
  )
}

/**
 * Only texts that mean the same inside the server's regular expressions, or match more there, never less. And none that
 * needs quotes: a quoted text must be of two words at least, else the parser runs on to the next quote.
 */
const plain = /^[A-Za-z0-9._-]+$/

/**
 * The part of a filter that the server may apply: it only spares bytes. Servers compare with regular expressions whatever
 * the case, LXD finds no boolean at all, and a filter on aliases makes the handler panic; so the client filters again.
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
