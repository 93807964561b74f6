import { type KeySchema, nameType, optionsOf } from './key-schema.ts'

/** A table of keys: those of a document, or of the entries of one of its lists. */
interface Section {
  title: string
  rows: string[][]
  /** Values in it that have their own table. */
  inside: { path: string; schema: KeySchema }[]
}

/**
 * Renders the page of the JSON documents: the keys of each document, from its JSON Schema. A map within a map is in the same table;
 * entries of lists have their own tables, one for each kind of entry. A table that two documents share is shown only the first time.
 *
 * @param schemas by the name of the document, in the order of the page
 */
export function renderDocuments(schemas: ReadonlyMap<string, KeySchema>): string {
  const shown = new Map<string, string>()
  const parts = [...schemas].map(([name, schema]) => {
    const facts = `${schema.title ?? name}. Its \`$id\` is \`${schema.$id ?? ''}\`, and \`hyperkit-reconcile schema ${name}\` prints its schema.`
    return [`## ${name}`, facts, ...renderPlace(name, '', schema, shown)].join('\n\n')
  })
  return `${head}\n\n${parts.join('\n\n')}\n`
}

const head = `<!-- Made by \`npm run reference\` from the schemas in packages/reconcile/src/documents. -->

# The JSON documents

This page describes the documents that commands print with \`--json\`, and the files that the reconciler writes.
\`@hyperkit/reconcile/documents\` has a valibot schema, a type and a JSON Schema for each of them. Within a \`version\`, keys can be added,
but existing keys keep their meaning. Keys marked with \`?\` are optional.`

function renderPlace(name: string, path: string, schema: KeySchema, shown: Map<string, string>): string[] {
  return kindsOf(schema).flatMap((kind) => {
    const section = readSection(path, kind)
    const heading = section.title === '' ? [] : [`### ${name}: ${section.title}`]
    const tables = section.inside.flatMap((inner) => {
      const key = JSON.stringify(kindsOf(inner.schema).map(({ properties }) => properties))
      const before = shown.get(key)
      const here = `\`${inner.path}\` in [${name}](#${name})`
      if (before === here) return []
      if (before !== undefined) return [`The keys of \`${inner.path}\` are those of ${before}.`]
      shown.set(key, here)
      return renderPlace(name, inner.path, inner.schema, shown)
    })
    return [...heading, table(section.rows), ...tables]
  })
}

/** An object, or each of the objects that it can be. */
function kindsOf(schema: KeySchema): KeySchema[] {
  const options = optionsOf(schema)
  if (options.length > 0) return options.flatMap(kindsOf)
  return schema.properties === undefined ? [] : [schema]
}

function readSection(path: string, schema: KeySchema): Section {
  const section: Section = { title: titleOf(path, schema), rows: [], inside: [] }
  const read = (each: KeySchema, prefix: string): void => {
    for (const [key, value] of Object.entries(each.properties ?? {})) {
      const left = each.required?.includes(key) === true ? '' : '?'
      section.rows.push([`\`${prefix}${key}\`${left}`, nameType(value), inCell(value.description ?? '')])
      const below = `${path === '' ? '' : `${path}.`}${prefix}${key}`
      const kinds = kindsOf(value)
      if (kinds.length === 1) read(kinds[0] as KeySchema, `${prefix}${key}.`)
      else if (kinds.length > 1) section.inside.push({ path: below, schema: value })
      else if (value.items !== undefined && kindsOf(value.items).length > 0)
        section.inside.push({ path: `${below}[]`, schema: value.items })
    }
  }
  read(schema, '')
  return section
}

/** `servers[].changes[]`, `action` `upload-image` */
function titleOf(path: string, { properties = {} }: KeySchema): string {
  const fixed = Object.entries(properties).find(
    ([key, { const: only }]) => only !== undefined && key !== 'format' && key !== 'version',
  )
  const kind = fixed === undefined ? [] : [`\`${fixed[0]}\` is \`${String(fixed[1].const)}\``]
  return [...(path === '' ? [] : [`\`${path}\``]), ...kind].join(', ')
}

function table(rows: readonly string[][]): string {
  const head = ['key', 'type', 'meaning']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
