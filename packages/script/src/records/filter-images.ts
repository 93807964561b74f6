import type { Image } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import type { ColumnsByLetter } from '../output/read-columns.ts'
import type { FilterRules } from './filter-rules.ts'
import { fieldNames, type ImageWordFilter, readFilter } from './read-filter.ts'

/** Images that a list shows, and notes to print beside it. */
export interface FilteredImages {
  images: Image[]
  /** A sentence for each key that no image has, to explain why a list is empty. */
  hints: string[]
}

/** Options of {@link filterImages}. */
export interface FilterImagesOptions {
  /** How the server reads filters. @default as for a simplestreams server */
  rules: FilterRules
  /** The columns by their letters. A letter is a key too: it compares the text of its column. */
  columns: ColumnsByLetter<Image>
  /** The name of the server, for hints. */
  name: string
}

/**
 * Finds the images that match all words. A word is `key=value`, or a part of an alias or of a fingerprint.
 *
 * @throws UsageError a value that a field cannot have
 *
 * @example
 * ```ts
 * const rules = filterRulesOf(await client.server())
 * const { images } = filterImages(await client.images.list(), ['os=ubuntu'], { rules, columns: {}, name: 'prod' })
 * console.log(images.length)
 * ```
 */
export function filterImages(
  images: readonly Image[],
  words: readonly string[],
  { rules, columns, name }: FilterImagesOptions,
): FilteredImages {
  const filters = words.map((word) => readFilter(word, rules, columns))
  return {
    images: images.filter((image) => filters.every(({ matches }) => matches(image))),
    hints: filters.flatMap((filter) => explain(filter, images, name) ?? []),
  }
}

function explain(
  { key, matches, isKnown, isShadowed = () => false }: ImageWordFilter,
  images: readonly Image[],
  name: string,
): string | undefined {
  if (key === undefined || images.some(matches)) return undefined
  if (images.some(isShadowed))
    return `No image on "${name}" has this ${key}, but a property "${key}" has the value; filter by "properties.${key}=..."`
  if (images.some(isKnown)) return undefined
  const properties = images.flatMap((image) => Object.keys(image.properties))
  const near = nearestName(key, [...new Set([...fieldNames, ...properties])])
  return `No image on "${name}" has a field or a property ${JSON.stringify(key)}${
    near === undefined ? '; "show" prints what an image has' : `; did you mean "${near}"?`
  }`
}
