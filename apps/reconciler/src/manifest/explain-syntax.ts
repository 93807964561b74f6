import { isScalar, type Node, type parseDocument, visit, type YAMLError } from 'yaml'

/** What no manifest is, and what would take memory without end. */
export function refuseDocument(
  document: ReturnType<typeof parseDocument>,
  empty = 'the manifest is empty: it needs version, name, servers and images',
): { node: Node | undefined; message: string } | undefined {
  const { contents } = document
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { node: undefined, message: empty }
  let firstAlias: Node | undefined
  visit(document, {
    Alias: (_, node) => {
      firstAlias = node
      return visit.BREAK
    },
  })
  try {
    document.toJS()
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { node: firstAlias, message: `cannot resolve the aliases of this file: ${message}` }
  }
}

/** A YAML error in words for who wrote the file. */
export function explainSyntax({ code, message, pos }: YAMLError, text: string, what = 'a manifest'): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"]*"|'[^']*'|[^:\s]+)/.exec(text.slice(pos[0]))?.[0] ?? ''
    return `duplicate key ${key.startsWith('"') ? key : JSON.stringify(key)}: it stands in this map already`
  }
  if (code === 'TAB_AS_INDENT') return 'tabs cannot indent in YAML: use spaces'
  if (code === 'MULTIPLE_DOCS') return `${what} is one YAML document: a second one begins here`
  return message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, '')
}
