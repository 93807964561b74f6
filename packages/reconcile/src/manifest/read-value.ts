import { nearestName } from '@hyperkit/terminal/text'
import type { GenericSchema } from 'valibot'
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'

export type Path = readonly (string | number)[]

/** Reports a mistake at a node of the document. */
export type Report = (node: Node | null | undefined, message: string) => void

/** The plain value of a document without the keys that the schema does not know, all of which are reported. */
export interface ReadValue {
  value: unknown
  /** The node of the value at a path, and the node of its key if it is in a map. */
  find(path: Path): { key: Node | undefined; value: Node | undefined } | undefined
  /** Whether a mistake at this path has been reported, and its value replaced by null. */
  isReported(path: Path): boolean
}

/** The name of the value at a path, for the beginning of a message. */
export function nameOf(path: Path): string {
  const last = path.at(-1)
  if (typeof last === 'number') return `entry ${last + 1} of "${String(path.at(-2))}"`
  return `"${last}"`
}

interface Shape {
  type?: string
  entries?: Record<string, Shape>
  item?: Shape
  value?: Shape
  wrapped?: Shape
  options?: readonly Shape[]
}

/**
 * @param schema a valibot schema of strict objects, records, arrays and scalars
 * @param expand gives the final text of a string, such as with environment variables filled in; keys are left alone
 */
export function readValue(
  document: Document,
  schema: GenericSchema,
  report: Report,
  expand: (written: string) => { text: string; problem?: string } = (text) => ({ text }),
): ReadValue {
  const places = new Map<string, { key: Node | undefined; value: Node | undefined }>()
  const reported = new Set<string>()
  const root = document.contents as Node | null
  const resolve = (node: unknown): Node | undefined =>
    (isAlias(node) ? node.resolve(document) : (node as Node | null)) ?? undefined

  const read = (given: unknown, shape: Shape | undefined, path: Path, key?: Node): unknown => {
    const node = resolve(given)
    // The value of a YAML alias is written elsewhere; errors point at the place that uses it.
    places.set(JSON.stringify(path), { key, value: isAlias(given) ? given : node })
    if (isMap(node)) return readMap(node.items, shapeOf(shape, 'map'), path)
    if (isSeq(node)) {
      // valibot accepts a list in place of a map.
      if (shapeOf(shape, 'map') !== undefined && shapeOf(shape, 'list') === undefined) {
        reported.add(JSON.stringify(path))
        report(node, `${path.length === 0 ? 'the manifest' : nameOf(path)} must be a map, not a list`)
        return null
      }
      const item = shapeOf(shape, 'list')?.item
      return node.items.map((entry, index) => read(entry, item, [...path, index]))
    }
    if (!isScalar(node)) return null
    if (typeof node.value !== 'string') return node.value
    const { text, problem } = expand(node.value)
    if (problem === undefined) return text
    reported.add(JSON.stringify(path))
    report(isAlias(given) ? (given as Node) : node, problem)
    return node.value
  }

  const readMap = (items: readonly Pair[], shape: Shape | undefined, path: Path): unknown => {
    // Without a prototype, so that `__proto__` is an ordinary key.
    const value: Record<string, unknown> = Object.create(null)
    for (const { key, pair } of mergedPairs(items, resolve)) {
      const keyNode = pair.key as Node
      if (path.length === 0 && key.startsWith('x-')) continue
      const known = shape?.entries
      if (known !== undefined && !Object.hasOwn(known, key)) {
        report(keyNode, unknownKey(key, Object.keys(known)))
        continue
      }
      value[key] = read(pair.value, known?.[key] ?? shape?.value, [...path, key], keyNode)
    }
    return value
  }

  const value = read(root, schema as unknown as Shape, [])
  return {
    value,
    find: (path) => places.get(JSON.stringify(path)),
    isReported: (path) => reported.has(JSON.stringify(path)),
  }
}

/** The pairs of a map followed by those of `<<: *anchor`; the map's own take precedence. */
function mergedPairs(
  items: readonly Pair[],
  resolve: (node: unknown) => Node | undefined,
): { key: string; pair: Pair }[] {
  const pairs = new Map<string, Pair>()
  const add = (from: readonly Pair[]): void => {
    for (const pair of from) {
      const key = keyText(pair.key)
      if (!isMerge(pair.key) && !pairs.has(key)) pairs.set(key, pair)
    }
    for (const pair of from) {
      if (!isMerge(pair.key)) continue
      const merged = resolve(pair.value)
      for (const each of isSeq(merged) ? merged.items : [merged]) {
        const map = resolve(each)
        if (isMap(map)) add(map.items)
      }
    }
  }
  add(items)
  return [...pairs].map(([key, pair]) => ({ key, pair }))
}

/** A quoted `<<` is an ordinary key. */
function isMerge(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}

function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key)
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

/** The part of a schema that applies to a map or a list. */
function shapeOf(shape: Shape | undefined, kind: 'map' | 'list'): Shape | undefined {
  if (shape === undefined) return undefined
  if (shape.wrapped !== undefined) return shapeOf(shape.wrapped, kind)
  if (shape.options !== undefined && shape.type === 'union')
    return shape.options.map((option) => shapeOf(option, kind)).find((found) => found !== undefined)
  if (kind === 'list') return shape.item === undefined ? undefined : shape
  return shape.entries === undefined && shape.value === undefined ? undefined : shape
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known)
  const hint = nearest === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${nearest}"?`
  return `unknown key "${key}": ${hint}`
}
