import type { Image } from '@hyperkit/core'
import {
  type Column,
  type ColumnsByLetter,
  columnsFlag,
  defineScript,
  formatFlag,
  imageOfStream,
  imageRecord,
  positional,
  readColumns,
  runIfMain,
} from '@hyperkit/script'
import * as v from 'valibot'

const columnsByLetter: ColumnsByLetter<Image> = {
  l: { title: 'ALIAS', text: ({ aliases }) => shortestAlias(aliases.map(({ name }) => name)) },
  L: {
    title: 'ALIASES',
    text: ({ aliases }) =>
      aliases
        .map(({ name }) => name)
        .sort()
        .join('\n'),
  },
  f: { title: 'FINGERPRINT', text: ({ fingerprint }) => fingerprint.slice(0, 12) },
  F: { title: 'FINGERPRINT', text: ({ fingerprint }) => fingerprint },
  p: { title: 'PUBLIC', text: (image) => (image.public ? 'yes' : 'no') },
  d: { title: 'DESCRIPTION', text: ({ properties }) => properties.description ?? '' },
  e: { title: 'PROJECT', text: ({ project }) => project ?? '' },
  a: { title: 'ARCHITECTURE', text: ({ architecture }) => architecture },
  t: { title: 'TYPE', text: ({ type }) => type.toUpperCase() },
  s: { title: 'SIZE', text: ({ size }) => showSize(size), align: 'right' },
  u: { title: 'UPLOAD DATE', text: ({ uploadedAt }) => showDate(uploadedAt) },
}

const details = `Filters are beginnings of fingerprints, parts of alias names, or key=value for a property.

Columns, as one word ("lfs") or with commas ("l,f,properties:os"):
  l  shortest alias, and how many more      d  description
  L  all aliases, one a line                e  project
  f  fingerprint, short                     a  architecture
  F  fingerprint, long                      t  type
  p  whether it is public                   s  size
  u  upload date                            properties:KEY  a property`

const script = defineScript({
  description: 'List images',
  details,
  connects: false,
  args: v.object({
    filters: v.pipe(
      v.array(v.string()),
      v.description('Server to list, and what images must be or have'),
      positional('[remote:] [filter...]', { completes: 'remote' }),
    ),
    columns: columnsFlag('lfpdatsu'),
    format: formatFlag(),
    allProjects: v.optional(v.pipe(v.boolean(), v.description('Images of all projects')), false),
  }),
  examples: [
    'hyperkit list prod: os=ubuntu',
    'hyperkit list images: alpine/edge',
    'hyperkit list --columns l,F,properties:release --format csv',
  ],
  async run({ args, reachSource, connect, rows, signal }) {
    const [first = '', ...others] = args.filters
    const isServer = first.endsWith(':')
    const source = isServer ? (await reachSource(first)).source : await connect()
    const filters = isServer ? others : args.filters
    const columns = readColumns(args.columns, columnsByLetter, { name: 'properties:KEY', read: readProperty })
    const images =
      'images' in source
        ? await source.images.list({ signal, allProjects: args.allProjects })
        : (await source.list({ signal })).map(imageOfStream)
    rows(
      images.filter((image) => filters.every((filter) => matches(image, filter))),
      {
        columns:
          args.allProjects && args.columns === 'lfpdatsu'
            ? [columnsByLetter.e as Column<Image>, ...columns]
            : columns,
        format: args.format,
        record: imageRecord,
      },
    )
  },
})

export default script
await runIfMain(import.meta, script)

/** The column of `properties:os`. */
function readProperty(word: string): Column<Image> | undefined {
  const [, key] = /^properties:(.+)$/.exec(word) ?? []
  return key === undefined
    ? undefined
    : { title: key.toUpperCase(), text: ({ properties }) => properties[key] ?? '' }
}

/** As `incus` and `lxc` read filters: a property by its value, else the beginning of the fingerprint or a part of an alias. */
function matches(image: Image, filter: string): boolean {
  const at = filter.indexOf('=')
  if (at > 0) return image.properties[filter.slice(0, at)] === filter.slice(at + 1)
  return (
    image.fingerprint.startsWith(filter.toLowerCase()) ||
    image.aliases.some(({ name }) => name.includes(filter))
  )
}

function shortestAlias(names: readonly string[]): string {
  const [first, ...others] = [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  return first === undefined ? '' : others.length === 0 ? first : `${first} (${others.length} more)`
}

/** `12.30MiB`, as the field's clients show it. */
function showSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return power === 0 ? `${bytes}B` : `${(bytes / 1024 ** power).toFixed(2)}${units[power]}`
}

function showDate(date: Date | undefined): string {
  return date === undefined ? '' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
