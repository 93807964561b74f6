import { parseAst } from 'rolldown/parseAst'
import { lineOf } from '../boundaries/scan-source.ts'

export interface Message {
  line: number
  /** The text as in the source, without quotes; each placeholder is shown as `${…}`. */
  text: string
}

interface SyntaxNode {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

/** Texts for machines, although they may contain words. */
const notSeen = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'ExportNamedDeclaration.source',
  'ImportExpression',
  'TSLiteralType',
  'Directive',
])

/**
 * The texts of a source that people read: strings and templates of at least two words. With `words`, also the single words that a
 * renderer assembles, unless they are compared with, keys or discriminants.
 */
export function findMessages(source: string, path: string, { words = false } = {}): Message[] {
  const found: Message[] = []
  walk(parseAst(source, { lang: 'ts' }, path) as unknown as SyntaxNode, (node, parent) => {
    if (notSeen.has(node.type)) return false
    if (node.type === 'Literal' && typeof node.value === 'string') add(node, parent, node.value)
    if (node.type === 'TemplateLiteral') add(node, parent, source.slice(node.start + 1, node.end - 1))
    return true
  })
  return found

  function add(node: SyntaxNode, parent: SyntaxNode | undefined, text: string): void {
    const isPart = words && !isDiscriminant(node, parent) && /\p{L}{2}/u.test(text)
    if (isSentence(text) || isPart) found.push({ line: lineOf(source, node.start), text })
  }
}

/** The names of tests, test groups and conformance cases. */
export function findTestNames(source: string, path: string): Message[] {
  const found: Message[] = []
  walk(parseAst(source, { lang: 'ts' }, path) as unknown as SyntaxNode, (node) => {
    const name = nameOf(node)
    if (name && (name.type === 'Literal' || name.type === 'TemplateLiteral'))
      found.push({ line: lineOf(source, name.start), text: source.slice(name.start + 1, name.end - 1) })
    return true
  })
  return found
}

function nameOf(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type === 'CallExpression' && /^(?:test|it|describe)$/.test(calledName(node.callee as SyntaxNode)))
    return (node.arguments as SyntaxNode[])[0]
  if (node.type !== 'ObjectExpression') return undefined
  // A conformance case: `{ name: '…', run(…) { … } }`.
  const entry = (key: string): SyntaxNode | undefined =>
    (node.properties as SyntaxNode[]).find((one) => (one.key as SyntaxNode | undefined)?.name === key)
  return entry('run') && (entry('name')?.value as SyntaxNode | undefined)
}

/** `test`, of `test(…)`, `test.each(…)(…)` and `test.skipIf(…)(…)`. */
function calledName(callee: SyntaxNode): string {
  if (callee.type === 'Identifier') return String(callee.name)
  const inner = callee.type === 'CallExpression' ? callee.callee : callee.object
  return inner === undefined || (callee.type === 'MemberExpression' && !isModifier(callee))
    ? ''
    : calledName(inner as SyntaxNode)
}

function isModifier({ property }: SyntaxNode): boolean {
  return ['each', 'skipIf', 'runIf', 'only', 'for', 'sequential', 'concurrent'].includes(
    String((property as SyntaxNode).name),
  )
}

function isSentence(text: string): boolean {
  const plain = text.replace(/\$\{[^}]*\}/g, 'x')
  return /\p{L}{2,}[,:;.]? .*\p{L}|\p{L} .*\p{L}{2,}/u.test(plain) && !/^[\w.-]+\/[\w./-]+; ?\w+=/.test(plain)
}

function isDiscriminant(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined) return false
  if (parent.type === 'BinaryExpression') return parent.operator !== '+'
  if (parent.type === 'SwitchCase' || parent.type === 'MemberExpression') return true
  return (
    parent.type === 'Property' &&
    (parent.key === node ||
      /^(?:kind|type|status|code|action)$/.test(String((parent.key as SyntaxNode).name)))
  )
}

function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => boolean,
  parent?: SyntaxNode,
): void {
  if (!visit(node, parent)) return
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (child !== null && typeof child === 'object' && typeof child.type === 'string')
        walk(child, visit, node)
}
