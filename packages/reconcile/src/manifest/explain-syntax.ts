import { messageOf } from '@hyperkit/core/parts'
import { type Alias, isScalar, type Node, type parseDocument, visit, type YAMLError } from 'yaml'

/** Refuses an empty document, and one whose YAML aliases have no end, or would take memory without limit. */
export function refuseDocument(
  document: ReturnType<typeof parseDocument>,
  empty = 'the manifest is empty: it needs version, name, servers and images',
): { node: Node | undefined; message: string } | undefined {
  const { contents } = document
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { node: undefined, message: empty }
  let firstAlias: Node | undefined
  let endless: Alias | undefined
  visit(document, {
    Alias: (_, node, path) => {
      firstAlias ??= node
      const target = node.resolve(document)
      if (target === undefined || !path.includes(target)) return undefined
      endless = node
      return visit.BREAK
    },
  })
  if (endless !== undefined)
    return { node: endless, message: `"*${endless.source}" is inside the value that it stands for` }
  try {
    document.toJS()
    return undefined
  } catch (error) {
    const message = messageOf(error)
    return { node: firstAlias, message: `cannot resolve the aliases of this file: ${message}` }
  }
}

/** The YAML errors of a file in words for its author. Only the first at each position: later ones are consequences of it. */
export function explainErrors(
  { errors, warnings }: ReturnType<typeof parseDocument>,
  text: string,
  what?: string,
): { offset: number; message: string }[] {
  const places = new Map<number, string>()
  for (const error of [...errors, ...warnings]) {
    const [offset] = error.pos
    if (!places.has(offset)) places.set(offset, explainSyntax(error, text, what))
    // After a stack overflow, some runtimes report another one while unwinding.
    if (isTooDeep(error)) break
  }
  return [...places].map(([offset, message]) => ({ offset, message }))
}

/** A YAML error in words for the author of the file. */
function explainSyntax({ code, message, pos }: YAMLError, text: string, what = 'a manifest'): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"]*"|'[^']*'|[^:\s]+)/.exec(text.slice(pos[0]))?.[0] ?? ''
    return `duplicate key ${key.startsWith('"') ? key : JSON.stringify(key)}: this map already has it`
  }
  if (code === 'TAB_AS_INDENT') return 'YAML does not allow tabs as indentation: use spaces'
  if (code === 'MULTIPLE_DOCS') return `${what} is one YAML document, but a second one begins here`
  if (isTooDeep({ message })) return 'the nesting is too deep to read'
  return message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, '')
}

function isTooDeep({ message }: Pick<YAMLError, 'message'>): boolean {
  return /call stack|recursion/i.test(message)
}
