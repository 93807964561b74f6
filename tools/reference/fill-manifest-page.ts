import { type KeySchema, nameType } from './key-schema.ts'

/** The places that can contain an image's attributes. */
const places = ['defaults', 'images.*', 'images.*.overrides.*']
const block = /(<!-- keys of (\S+?)(?:: ([^>]*?))? -->\n)[\s\S]*?(<!-- end of keys -->)/g

/**
 * Regenerates the table of each block `<!-- keys of images.*.source: file sha256 -->` of the page. A block without names
 * has all keys of that place, and those of maps within.
 *
 * @returns the page, and problems with its blocks: keys that do not exist, and keys that no block shows
 */
export function fillManifestPage(page: string, schema: KeySchema): { text: string; problems: string[] } {
  const all = collectKeys(schema)
  const shown = new Set<string>()
  const problems: string[] = []
  const text = page.replace(
    block,
    (_, open: string, written: string, names: string | undefined, end: string) => {
      const place = written === 'manifest' ? '' : written
      const inside = [...all.keys()]
        .filter((path) => parentOf(path) === place)
        .map((path) => path.slice(place === '' ? 0 : place.length + 1))
      const keys = names === undefined ? inside : names.split(' ')
      const isAttribute = place === 'images.*' && keys.some((key) => all.has(`defaults.${key}`))
      const head = ['key', 'type', ...(isAttribute ? ['allowed in'] : []), 'default', 'meaning']
      const rows = keys.flatMap((key) => {
        const path = place === '' ? key : `${place}.${key}`
        const found = all.get(path)
        if (found === undefined) {
          problems.push(`docs/manifest.md: there is no key "${path}"`)
          return []
        }
        for (const each of placesOf(path, all)) shown.add(each)
        const { meaning, otherwise } = splitMeaning(found.schema.description ?? '')
        const where = isAttribute ? [placesOf(path, all).map(wordOf).join(', ')] : []
        return [
          [`\`${key}\``, nameType(found.schema), ...where, found.required ? 'required' : otherwise, meaning],
        ]
      })
      return `${open}${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n${end}`
    },
  )
  const hidden = [...all].filter(
    ([path, { schema: one }]) => !shown.has(path) && one.description !== undefined && !path.endsWith('*'),
  )
  problems.push(...hidden.map(([path]) => `docs/manifest.md: no block shows "${path}"`))
  return { text, problems }
}

interface Found {
  schema: KeySchema
  required: boolean
}

/** Keys by their path, with `*` for names that the user chooses and for entries of lists. */
function collectKeys(schema: KeySchema, path = '', into: Map<string, Found> = new Map()): Map<string, Found> {
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`)
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    into.set(below(key), { schema: value, required: schema.required?.includes(key) === true })
    collectKeys(value, below(key), into)
  }
  for (const option of schema.anyOf ?? []) collectKeys(option, path, into)
  if (schema.items !== undefined) collectKeys(schema.items, below('*'), into)
  if (typeof schema.additionalProperties === 'object')
    collectKeys(schema.additionalProperties, below('*'), into)
  return into
}

function parentOf(path: string): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : ''
}

/** All places of the same key: attributes of an image can also be in `defaults` and `overrides`. */
function placesOf(path: string, all: ReadonlyMap<string, Found>): string[] {
  if (!path.startsWith('images.*.')) return [path]
  const key = path.slice('images.*.'.length)
  return places.map((place) => `${place}.${key}`).filter((each) => all.has(each))
}

function wordOf(path: string): string {
  if (path.startsWith('defaults')) return '`defaults`'
  return path.startsWith('images.*.overrides') ? '`overrides`' : 'image'
}

function splitMeaning(description: string): { meaning: string; otherwise: string } {
  const [meaning = '', otherwise = ''] = description.split(/ Default: (?=[^:]*$)/)
  const inCell = (text: string): string => text.replaceAll('|', '\\|')
  return { meaning: inCell(meaning), otherwise: inCell(otherwise.replace(/\.$/, '')) }
}
