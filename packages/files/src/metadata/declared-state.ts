import { isMap, isScalar, type Node, parseDocument, type Scalar } from 'yaml'

/** What an archive says of its image. */
export interface DeclaredState {
  properties: Record<string, string>
  expiresAt: Date | undefined
}

/**
 * Reads what a server takes from `metadata.yaml`.
 *
 * @returns undefined unless every version of LXD and Incus reads the text in the same way. Their YAML readers differ in dates, in
 * repeated keys, and in words such as `null`.
 */
export function readDeclaredState(text: string): DeclaredState | undefined {
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: true, version: '1.2' })
  const root = document.contents
  if (document.errors.length > 0 || !isMap(root)) return undefined
  const properties = readProperties(root.get('properties', true))
  const expiry = readSeconds(root.get('expiry_date', true))
  if (properties === undefined || expiry === undefined) return undefined
  return { properties, expiresAt: expiry === 0 ? undefined : new Date(expiry * 1000) }
}

function readProperties(node: unknown): Record<string, string> | undefined {
  if (node === undefined) return {}
  if (!isMap(node)) return undefined
  const entries = node.items.map(({ key, value }) => [readText(key), readText(value)] as const)
  if (entries.some(([key, value]) => key === undefined || key === '' || value === undefined)) return undefined
  return Object.fromEntries(entries) as Record<string, string>
}

function readText(node: unknown): string | undefined {
  if (!isScalar(node) || isSpecial(node)) return undefined
  const { value, source } = node as Scalar
  const text = typeof value === 'string' ? value : source
  return text?.includes('\0') ? undefined : text
}

/** Whether a scalar has a tag or an anchor, or is a plain word that some reader takes for nothing, a date or a merge of keys. */
function isSpecial(node: Node & Scalar): boolean {
  if (node.tag !== undefined && node.type === 'PLAIN' && node.tag !== 'tag:yaml.org,2002:str') return true
  if (node.anchor !== undefined) return true
  if (node.type !== 'PLAIN') return false
  const text = node.source ?? ''
  return /^(?:|~|null|Null|NULL|<<|=|\d{4}-\d\d?-\d\d?(?:[Tt ].*)?)$/s.test(text)
}

/** Whole seconds since 1970 in decimal digits; 0 for none. */
function readSeconds(node: unknown): number | undefined {
  if (node === undefined) return 0
  if (!isScalar(node) || node.type !== 'PLAIN' || !/^(?:0|[1-9]\d{0,10})$/.test(node.source ?? ''))
    return undefined
  return Number(node.source)
}
