import { oldYamlScalar, showText } from '@hyperkit/terminal/text'
import { Document, isMap, isScalar, isSeq, type Node, Scalar, visit } from 'yaml'
import type { Exported, ExportedImage } from './exported.ts'

/** Writes the manifest as text. Names from servers are escaped, for YAML and for terminals. */
export function writeManifest(exported: Exported): string {
  const { name, servers, defaults, images, leftOut } = exported
  const document = new Document(
    {
      version: 1,
      name: protect(name),
      servers: new Map(servers.map((server) => [server.name, protect(server.entry)])),
      ...(defaults === undefined ? {} : { defaults }),
      images: images.map(({ entry }) => protect(entry)),
    },
    { compat: [oldYamlScalar] },
  )
  document.commentBefore = comment([
    `Exported by "hyperkit-reconcile export" from ${servers.map((each) => `${each.name} (${each.kind})`).join(', ')}.`,
    'Plans of it delete none of these images until "adopt" makes it their owner.',
  ])
  const list = document.get('images')
  if (isSeq(list))
    for (const [index, item] of list.items.entries()) {
      arrange(item as Node, images[index])
      if (index > 0) (item as Node).spaceBefore = true
    }
  for (const key of ['servers', 'defaults'] as const) {
    const map = document.get(key)
    if (isMap(map)) for (const { value } of map.items) flow(value)
  }
  if (leftOut.length > 0)
    document.comment = comment([
      'Not in this manifest:',
      ...leftOut.map(({ server, what, why }) => `  ${server}: ${what}: ${why}`),
    ])
  quoteUnprintable(document)
  // Strings that readers of YAML 1.1 would misread are quoted as well; no string spans several lines.
  const text = document.toString({ lineWidth: 0, blockQuote: false, flowCollectionPadding: true })
  return showText(text, { keep: '\n' })
}

/** Puts the comment above an entry, and its source and lists of names on one line each. */
function arrange(item: Node, image: ExportedImage | undefined): void {
  if (!isMap(item) || image === undefined) return
  item.commentBefore = comment(image.comments)
  for (const key of ['source', 'servers', 'profiles']) flow(item.get(key))
  const aliases = item.get('aliases')
  if (isSeq(aliases)) {
    for (const alias of aliases.items) flow(alias)
    if (aliases.items.every((alias) => isScalar(alias))) aliases.flow = true
  }
}

function flow(node: unknown): void {
  if (isMap(node) || isSeq(node)) node.flow = true
}

/** Escapes `${`, which begins a variable in a manifest. */
function protect(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${')
  if (Array.isArray(value)) return value.map(protect)
  if (value === null || typeof value !== 'object') return value
  return new Map(Object.entries(value).map(([key, each]) => [key, protect(each)]))
}

/** Quotes strings with control characters: only in double quotes does YAML read an escape as the character itself. */
function quoteUnprintable(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && showText(node.value) !== node.value)
        node.type = Scalar.QUOTE_DOUBLE
    },
  })
}

function comment(lines: readonly string[]): string {
  return lines.map((line) => ` ${showText(line)}`).join('\n')
}
