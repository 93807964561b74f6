import { HyperkitError } from '@hyperkit/core'
import * as v from 'valibot'
import type { Document } from 'yaml'

// Unknown keys pass: the clients add keys with each release, and the file is theirs.
const remoteSchema = v.looseObject({
  addr: v.string(),
  auth_type: v.nullish(v.string()),
  project: v.nullish(v.string()),
  protocol: v.nullish(v.string()),
  public: v.nullish(v.boolean()),
})

const fileSchema = v.looseObject({
  'default-remote': v.nullish(v.string()),
  remotes: v.nullish(v.record(v.string(), remoteSchema)),
})

export type ConfigFile = v.InferOutput<typeof fileSchema>

/**
 * The content of a client's `config.yml`.
 *
 * @param path how errors name the file
 * @throws HyperkitError `invalid-configuration`, with file, line and column
 */
export async function parseConfigFile(text: string, path: string): Promise<ConfigFile> {
  const native = parseOnBun(text)
  if (native !== undefined) {
    const quick = v.safeParse(fileSchema, native)
    if (quick.success) return quick.output
  }
  const { isNode, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw invalid(
      path,
      line,
      col,
      broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '',
    )
  }
  const result = v.safeParse(fileSchema, document.toJS() ?? {})
  if (result.success) return result.output
  const [issue] = result.issues
  const keys = (issue.path ?? []).map((item) => String(item.key))
  const { line, col } = lines.linePos(offsetOf(document, keys, isNode))
  throw invalid(path, line, col, `"${keys.join('.')}": ${issue.message}`)
}

/**
 * Bun's own parser, where it has no complaint: loading and running the other one takes half of the time that a small
 * command takes in all. Complaints are the other one's, with line and column; so is all that Bun 1.4.5 takes and the
 * clients refuse, a key that stands twice in a map: then there are more colons than keys.
 */
function parseOnBun(text: string): unknown {
  const { Bun } = globalThis as { Bun?: { YAML?: { parse(text: string): unknown } } }
  try {
    const value = Bun?.YAML?.parse(text)
    return countKeys(value) === text.match(/:(?=\s|$)/g)?.length ? value : undefined
  } catch {
    return undefined
  }
}

function countKeys(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0
  const inner = Object.values(value).reduce((sum: number, each) => sum + countKeys(each), 0)
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length)
}

function offsetOf(
  document: Document.Parsed,
  keys: string[],
  isNode: typeof import('yaml')['isNode'],
): number {
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(keys.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function invalid(path: string, line: number, column: number, what: string): HyperkitError {
  return new HyperkitError(
    'invalid-configuration',
    `Cannot read client configuration: ${path}:${line}:${column}: ${what}`,
  )
}
