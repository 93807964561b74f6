import type { Image, Registry } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import {
  type Column,
  type ColumnsByLetter,
  columnsFlag,
  defineScript,
  describeView,
  filterImages,
  filterRulesOf,
  formatFlag,
  imageOfStream,
  imageRecord,
  positional,
  readColumns,
  runIfMain,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const columnsByLetter: ColumnsByLetter<Image> = {
  l: {
    title: 'ALIAS',
    text: (image) => shortestAlias(namesOf(image)),
    values: (image) => sortByLength(namesOf(image)).slice(0, 1),
  },
  L: {
    title: 'ALIASES',
    text: (image) => namesOf(image).join('\n'),
    values: (image) => namesOf(image),
  },
  f: { title: 'FINGERPRINT', text: ({ fingerprint }) => shortFingerprint(fingerprint) },
  F: { title: 'FINGERPRINT', text: ({ fingerprint }) => fingerprint },
  p: { title: 'PUBLIC', text: (image) => (image.public ? 'yes' : 'no') },
  d: { title: 'DESCRIPTION', text: ({ properties }) => properties.description ?? '' },
  e: { title: 'PROJECT', text: ({ project }) => project ?? '' },
  a: { title: 'ARCHITECTURE', text: ({ architecture }) => architecture },
  t: { title: 'TYPE', text: ({ type }) => type.toUpperCase() },
  s: { title: 'SIZE', text: ({ size }) => showSize(size), align: 'right' },
  m: { title: 'MEMBERS', text: ({ locations }) => (locations ?? []).join('\n') },
  u: { title: 'UPLOAD DATE', text: ({ uploadedAt }) => showDate(uploadedAt) },
}

const details = `A filter is a part of a fingerprint or of an alias name, or key=value; an image is listed if all filters match. A key is a field such as
type, architecture, public or update_source.server, a property or the beginning of its name (properties.KEY means a property
only), or the letter of a column. A value is a regular expression for the whole text, or for any part of it if it contains ^ or $.

Of a registry of OCI images the tags of a repository are listed, or without one its repositories; most public ones do not list these.
A filter is a part of the name there.

Columns, as one word ("lfs") or with commas ("l,f,properties:os"):
  l  shortest alias, and how many more      d  description
  L  all aliases, one a line                e  project
  f  fingerprint, short                     a  architecture
  F  fingerprint, long                      t  type
  p  whether it is public                   s  size
  u  upload date                            properties:KEY  a property
  m  members of the cluster that have its files (Incus 7.0)`

const defaultColumns = 'lfpdatsu'

interface RegistryName {
  repository: string
  /** Undefined in a list of repositories. */
  tag?: string
}

const registryColumns: readonly Column<RegistryName>[] = [
  { title: 'REPOSITORY', text: ({ repository }) => repository },
  { title: 'TAG', text: ({ tag }) => tag ?? '' },
]

const script = defineScript({
  description: 'List images',
  details,
  connects: false,
  args: v.object({
    filters: v.pipe(
      v.array(v.string()),
      v.description('Server to list, and filters for its images'),
      positional('[remote:] [filter...]', { completes: 'remote' }),
    ),
    columns: columnsFlag(defaultColumns),
    format: formatFlag(),
    allProjects: v.optional(v.pipe(v.boolean(), v.description('Images of all projects')), false),
  }),
  examples: [
    'hyperkit list prod: os=ubuntu type=virtual-machine',
    "hyperkit list prod: public=true 'description=^Debian'",
    'hyperkit list images: alpine/edge',
    'hyperkit list docker:library/alpine 3.20',
    'hyperkit list --columns l,F,properties:release --format csv',
  ],
  async run({ args, reachSource, connect, rows, log, signal }) {
    const [first = '', ...others] = args.filters
    // `images:alpine` is a server and a filter, as `incus` and `lxc` read it. The value of key=value may contain a colon.
    const isServer = /^[^=/]*:/.test(first)
    const { source, name } = isServer ? await reachSource(first) : { source: await connect(), name: first }
    if ('kind' in source) {
      if (args.columns !== defaultColumns || args.allProjects)
        throw new UsageError(
          `"--columns" and "--all-projects" are for images of servers: "${source.name}" is a registry, which lists only names`,
        )
      const names = await listNames(source, name, others, signal)
      return rows(names, { columns: registryColumns, format: args.format })
    }
    const words = name === '' ? others : [name, ...others]
    const columns = readColumns(args.columns, columnsByLetter, { name: 'properties:KEY', read: readProperty })
    const isStream = !('images' in source)
    if (isStream && args.allProjects)
      throw new UsageError(
        `"--all-projects" is for LXD and Incus: "${source.name}" is a simplestreams server`,
      )
    const all = isStream
      ? (await source.list({ signal })).map(imageOfStream)
      : await source.images.list({ signal, allProjects: args.allProjects })
    const rules = filterRulesOf(isStream ? undefined : await source.server({ signal }))
    const { images, hints } = filterImages(all, words, { rules, columns: columnsByLetter, name: source.name })
    for (const hint of hints) log(hint)
    const note = isStream ? undefined : await describeView(source, { signal, allProjects: args.allProjects })
    if (note !== undefined) log(note)
    rows(images, {
      columns:
        args.allProjects && args.columns === defaultColumns
          ? [columnsByLetter.e as Column<Image>, ...columns]
          : columns,
      format: args.format,
      record: imageRecord,
    })
  },
})

export default script
await runIfMain(import.meta, script)

/** What a registry can list: the tags of a repository, or the repositories. */
async function listNames(
  registry: Registry,
  repository: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<RegistryName[]> {
  const [odd] = words.filter((word) => word.includes('='))
  if (odd !== undefined)
    throw new UsageError(
      `the filter ${JSON.stringify(odd)} needs properties of images: "${registry.name}" is a registry, which lists only names; filter by a part of the name`,
    )
  const [name = '', tag] = repository.split(':')
  const matches = (text: string): boolean => words.every((word) => text.includes(word))
  if (name === '') {
    const all = await registry.repositories({ signal })
    return all.filter(matches).map((each) => ({ repository: each }))
  }
  const tags = await registry.tags(name, { signal })
  return tags
    .filter((each) => matches(each) && (tag === undefined || each === tag))
    .map((each) => ({ repository: name, tag: each }))
}

/** The column of a word such as `properties:os`. */
function readProperty(word: string): Column<Image> | undefined {
  const [, key] = /^properties:(.+)$/.exec(word) ?? []
  return key === undefined
    ? undefined
    : { title: key.toUpperCase(), text: ({ properties }) => properties[key] ?? '' }
}

function namesOf({ aliases }: Image): string[] {
  return aliases.map(({ name }) => name).sort()
}

function sortByLength(names: readonly string[]): string[] {
  return [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
}

function shortestAlias(names: readonly string[]): string {
  const [first, ...others] = sortByLength(names)
  return first === undefined ? '' : others.length === 0 ? first : `${first} (${others.length} more)`
}

/** A size as incus and lxc show it: `12.30MiB`. */
function showSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return power === 0 ? `${bytes}B` : `${(bytes / 1024 ** power).toFixed(2)}${units[power]}`
}

function showDate(date: Date | undefined): string {
  return date === undefined ? '' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
