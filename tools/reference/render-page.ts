import type { DocTag, PublicExport } from './read-exports.ts'

/** One page of the reference: an entry of a package. */
export interface ReferencedEntry {
  /** `@hyperkit/core` */
  name: string
  /** `packages/core` */
  folder: string
  /** `.` or `./parts` */
  path: string
  description: string
  /** The comment on the entry. */
  about: string
  exports: (PublicExport & { declaration: string })[]
}

const chapters: [string, PublicExport['kind'][]][] = [
  ['Functions', ['function']],
  ['Classes', ['class']],
  ['Values', ['variable']],
  ['Types', ['interface', 'typeAlias']],
]

/** The Markdown of one package. It has no line numbers, so that only a change of the API changes it. */
export function renderPage(entry: ReferencedEntry): string {
  const { folder, description, about, exports } = entry
  const parts = chapters.flatMap(([title, kinds]) => {
    const chosen = exports
      .filter(({ kind }) => kinds.includes(kind))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    return chosen.length === 0 ? [] : [`## ${title}`, ...chosen.map((one) => renderExport(one, folder))]
  })
  const notice = `<!-- Made by \`npm run reference\` from the comments in ${folder}/src. -->`
  const head = `${description}. How to use it: its [README](../../${folder}/README.md).`
  const said = about === '' ? [] : [plain(about)]
  return `${[notice, `# ${titleOf(entry)}`, head, ...said, ...parts].join('\n\n')}\n`
}

/** The table of contents. */
export function renderIndex(entries: readonly ReferencedEntry[]): string {
  const rows = entries.map((entry) => {
    const calls = entry.exports.filter(({ kind }) => kind === 'function' || kind === 'class')
    const links = calls.map((one) => `[\`${one.name}\`](${pageOf(entry)}#${one.name.toLowerCase()})`)
    const about = entry.path === '.' ? entry.description : ''
    return `| [${titleOf(entry)}](${pageOf(entry)}) | ${about} | ${links.join(' ')} |`
  })
  return [
    '<!-- Made by `npm run reference` from the comments in the sources. -->',
    '# Reference',
    'Everything that the packages offer.',
    ['| package | | functions and classes |', '| --- | --- | --- |', ...rows].join('\n'),
    '',
  ].join('\n\n')
}

/** `core.md`, `core-parts.md` */
export function pageOf(entry: Pick<ReferencedEntry, 'name' | 'path'>): string {
  return `${titleOf(entry).split('/').slice(1).join('-')}.md`
}

/** The specifier that imports it: `@hyperkit/core/parts` */
function titleOf({ name, path }: Pick<ReferencedEntry, 'name' | 'path'>): string {
  return `${name}${path.slice(1)}`
}

function renderExport(one: PublicExport & { declaration: string }, folder: string): string {
  const lists = (['param', 'throws'] as const).flatMap((kind) => {
    const tags = one.tags.filter((tag) => tag.kind === kind)
    return tags.length === 0 ? [] : [tags.map((tag) => `- ${renderTag(tag)}`).join('\n')]
  })
  const defaults = one.tags.filter(({ kind }) => kind === 'default').map(({ doc }) => `Default: ${doc}`)
  const examples = one.tags.filter(({ kind }) => kind === 'example').map(({ doc }) => plain(doc ?? ''))
  const see = one.tags.filter(({ kind }) => kind === 'see').map(({ doc }) => `See: ${plain(doc ?? '')}`)
  return [
    `### ${one.name}`,
    fence(one.declaration),
    ...(one.doc === '' ? [] : [plain(one.doc)]),
    ...defaults,
    ...lists,
    ...examples,
    ...see,
    `Source: [${one.module}.ts](../../${folder}/src/${one.module}.ts)`,
  ].join('\n\n')
}

function renderTag({ kind, name, tsType, doc }: DocTag): string {
  const text = plain(doc ?? '')
    .trim()
    .replaceAll('\n', ' ')
  if (kind === 'param') return `\`${name}\`: ${text}`
  // `@throws {ArgumentError} unless …`, or without braces: `@throws ArgumentError unless …`.
  const [, first = '', rest = ''] = /^([A-Z]\w*Error)\b,?\s*([\s\S]*)$/.exec(text) ?? []
  const error = tsType?.repr ?? first
  return error === ''
    ? `throws ${text}`
    : `throws \`${error}\`${(tsType ? text : rest) === '' ? '' : `: ${tsType ? text : rest}`}`
}

/** Links in comments become names; examples are highlighted, but marked so that they are not run a second time. */
function plain(text: string): string {
  return text.replace(/\{@link ([^}]+)\}/g, '`$1`').replace(/^```ts$/gm, '```typescript')
}

function fence(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``
}
