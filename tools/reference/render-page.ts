import type { DocTag, PublicExport } from './read-exports.ts'

/** One package of the reference. */
export interface ReferencedPackage {
  /** `@hyperkit/core` */
  name: string
  /** `packages/core` */
  folder: string
  description: string
  exports: (PublicExport & { declaration: string })[]
}

const chapters: [string, PublicExport['kind'][]][] = [
  ['Functions', ['function']],
  ['Classes', ['class']],
  ['Values', ['variable']],
  ['Types', ['interface', 'typeAlias']],
]

/** The Markdown of one package. It bears no line numbers, so that only a change of the API changes it. */
export function renderPage({ name, folder, description, exports }: ReferencedPackage): string {
  const parts = chapters.flatMap(([title, kinds]) => {
    const chosen = exports
      .filter(({ kind }) => kinds.includes(kind))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    return chosen.length === 0 ? [] : [`## ${title}`, ...chosen.map((one) => renderExport(one, folder))]
  })
  const notice = `<!-- Made by \`npm run reference\` from the comments in ${folder}/src. -->`
  return `${[notice, `# ${name}`, `${description}. How to use it: its [README](../../${folder}/README.md).`, ...parts].join('\n\n')}\n`
}

/** The table of contents. */
export function renderIndex(packages: readonly ReferencedPackage[]): string {
  const rows = packages.map(({ name, exports, description }) => {
    const calls = exports.filter(({ kind }) => kind === 'function' || kind === 'class')
    const links = calls.map((one) => `[\`${one.name}\`](${pageOf(name)}#${one.name.toLowerCase()})`)
    return `| [${name}](${pageOf(name)}) | ${description} | ${links.join(' ')} |`
  })
  return [
    '<!-- Made by `npm run reference` from the comments in the sources. -->',
    '# Reference',
    'Everything that the packages offer.',
    ['| package | | functions and classes |', '| --- | --- | --- |', ...rows].join('\n'),
    '',
  ].join('\n\n')
}

/** `core.md` */
export function pageOf(packageName: string): string {
  return `${packageName.split('/').at(-1)}.md`
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

/** Links of comments become names; examples keep their colours and are not run a second time from here. */
function plain(text: string): string {
  return text.replace(/\{@link ([^}]+)\}/g, '`$1`').replace(/^```ts$/gm, '```typescript')
}

function fence(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``
}
