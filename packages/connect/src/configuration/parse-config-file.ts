import { HyperkitError } from '@hyperkit/core'
import * as v from 'valibot'
import type { Document, Pair, ParsedNode } from 'yaml'
import {
  type ConfigEntry,
  type ConfigFile,
  describeFault,
  fileSchema,
  outerSchema,
  remoteSchema,
} from './config-file.ts'
import { readPlainYaml } from './read-plain-yaml.ts'

/**
 * Parses a client's `config.yml`. A remote that is not understood does not affect the others.
 *
 * @param path name of the file in errors
 * @throws HyperkitError `invalid-configuration`, with file, line and column
 */
export async function parseConfigFile(text: string, path: string): Promise<ConfigFile> {
  // If the file has faults, the YAML parser below explains them with line and column.
  const plain = v.safeParse(fileSchema, readPlainYaml(text))
  if (plain.success) {
    const entries = Object.entries(plain.output.remotes ?? {})
    return toFile(plain.output, new Map(entries.map(([name, written]) => [name, { written }])))
  }
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const placeOf = (keys: readonly string[]): string => at(offsetOf(document, keys, yaml.isNode))
  const remotes = document.get('remotes')
  const items = yaml.isMap<ParsedNode, ParsedNode | null>(remotes) ? remotes.items : []
  const doubled = new Map<string, string>()
  for (const { code, pos, message } of document.errors) {
    const name = nameAround(items, pos[0])
    // A duplicate key in a remote, or a duplicate name of one, is a fault of that remote alone.
    if (code !== 'DUPLICATE_KEY' || name === undefined) throw invalid(`${at(pos[0])}: ${firstLine(message)}`)
    doubled.set(name, `it, or one of its keys, is defined twice (${at(pos[0])})`)
  }
  const outer = v.safeParse(outerSchema, document.toJS() ?? {})
  if (!outer.success) {
    const [issue] = outer.issues
    const keys = (issue.path ?? []).map(({ key }) => String(key))
    throw invalid(`${placeOf(keys)}: "${keys.join('.')}": ${issue.message}`)
  }
  const entries = Object.entries(outer.output.remotes ?? {}).map(([name, written]): [string, ConfigEntry] => {
    const fault = doubled.get(name)
    return [
      name,
      fault === undefined ? check(written, (key) => placeOf(['remotes', name, ...key])) : { written, fault },
    ]
  })
  return toFile(outer.output, new Map(entries))
}

function check(written: unknown, placeOf: (key: string[]) => string): ConfigEntry {
  const result = v.safeParse(remoteSchema, written)
  if (result.success) return { written: result.output }
  const { fault, key } = describeFault(written, result.issues[0])
  return { written, fault: `${fault} (${placeOf(key === undefined ? [] : [key])})` }
}

function toFile(outer: v.InferOutput<typeof outerSchema>, remotes: ConfigFile['remotes']): ConfigFile {
  return { defaultRemote: outer['default-remote'] || undefined, remotes }
}

/** The remote at a position in the text. */
function nameAround(
  items: readonly Pair<ParsedNode, ParsedNode | null>[],
  position: number,
): string | undefined {
  const found = items.find(
    ({ key, value }) => position >= key.range[0] && position <= (value ?? key).range[2],
  )
  return found && String(found.key)
}

function offsetOf(
  document: Document.Parsed,
  keys: readonly string[],
  isNode: typeof import('yaml')['isNode'],
): number {
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(keys.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? ''
}

function invalid(what: string): HyperkitError {
  return new HyperkitError('invalid-configuration', `Cannot read client configuration: ${what}`)
}
