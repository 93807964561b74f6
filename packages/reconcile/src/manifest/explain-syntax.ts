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

/** The YAML errors of a file in words for who wrote it, one a place: what comes after it there is only in its wake. */
export function explainErrors(
  { errors, warnings }: ReturnType<typeof parseDocument>,
  text: string,
  what?: string,
): { offset: number; message: string }[] {
  const places = new Map<number, string>()
  for (const error of [...errors, ...warnings]) {
    const [offset] = error.pos
    if (!places.has(offset)) places.set(offset, explainSyntax(error, text, what))
    // Some runtimes run out of stack again on the way back.
    if (isTooDeep(error)) break
  }
  return [...places].map(([offset, message]) => ({ offset, message }))
}

/** A YAML error in words for who wrote the file. */
function explainSyntax({ code, message, pos }: YAMLError, text: string, what = 'a manifest'): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"]*"|'[^']*'|[^:\s]+)/.exec(text.slice(pos[0]))?.[0] ?? ''
    return `duplicate key ${key.startsWith('"') ? key : JSON.stringify(key)}: it stands in this map already`
  }
  if (code === 'TAB_AS_INDENT') return 'tabs cannot indent in YAML: use spaces'
  if (code === 'MULTIPLE_DOCS') return `${what} is one YAML document: a second one begins here`
  if (isTooDeep({ message })) return 'it is nested too deeply to be read'
  return message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, '')
}

function isTooDeep({ message }: Pick<YAMLError, 'message'>): boolean {
  return /call stack|recursion/i.test(message)
}
