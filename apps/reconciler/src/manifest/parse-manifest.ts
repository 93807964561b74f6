import * as v from 'valibot'
import { isScalar, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml'
import { checkReferences } from './check-references.ts'
import { explainIssue } from './explain-issue.ts'
import type { Manifest, Position } from './manifest.ts'
import { ManifestError, type Problem } from './manifest-error.ts'
import { manifestSchema } from './manifest-schema.ts'
import { type Path, readValue } from './read-value.ts'
import { salvageManifest } from './salvage-manifest.ts'
import { settleManifest } from './settle-manifest.ts'

export interface ManifestText {
  /** How errors name the file. */
  file: string
  text: string
  /** Paths in the manifest are relative to this absolute folder. */
  folder: string
}

/** @throws {ManifestError} with everything that is wrong */
export function parseManifest({ file, text, folder }: ManifestText): Manifest {
  const lines = new LineCounter()
  const problems: Problem[] = []
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const positionOf = (node: Node | null | undefined): Position => at(node?.range?.[0] ?? 0)
  const report = (node: Node | null | undefined, message: string): void => {
    problems.push({ file, at: positionOf(node), message })
  }

  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const error of [...document.errors, ...document.warnings])
    problems.push({ file, at: at(error.pos[0]), message: explainSyntax(error, text) })
  // A broken file read on gives errors that are not the user's; a key written twice leaves the rest readable.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) throw new ManifestError(problems)

  const refusal = refuseDocument(document)
  if (refusal !== undefined) {
    report(refusal.node, refusal.message)
    throw new ManifestError(problems)
  }
  const { value, find, isReported } = readValue(document, manifestSchema, report)
  const place = (path: Path): { key: Node | undefined; value: Node | undefined } => {
    const found = find(path)
    return found ?? (path.length === 0 ? { key: undefined, value: undefined } : place(path.slice(0, -1)))
  }
  const result = v.safeParse(manifestSchema, value)
  for (const issue of result.issues ?? []) {
    const { path, isKey } = pathOf(issue)
    const { key, value: node } = place(path)
    if (!isReported(path)) report(isKey ? key : (node ?? key), explainIssue(issue, path, node))
  }
  const where = (path: Path): Position => {
    const { key, value: node } = place(path)
    return positionOf(node ?? key)
  }
  const checkable = result.success
    ? result.output
    : salvageManifest(
        value,
        result.issues.map((issue) => pathOf(issue).path),
      )
  if (checkable !== undefined) {
    checkReferences(checkable, (path, message) => {
      problems.push({ file, at: where(path), message })
    })
  }
  if (!result.success || problems.length > 0) throw new ManifestError(problems)
  return settleManifest(result.output, { file, folder, where })
}

function pathOf(issue: v.BaseIssue<unknown>): { path: Path; isKey: boolean } {
  const items = issue.path ?? []
  const path = items.map(({ key }) => (typeof key === 'number' ? key : String(key)))
  return { path, isKey: items.at(-1)?.origin === 'key' }
}

/** What no manifest is, and what would take memory without end. */
function refuseDocument(
  document: ReturnType<typeof parseDocument>,
): { node: Node | undefined; message: string } | undefined {
  const { contents } = document
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { node: undefined, message: 'the manifest is empty: it needs version, name, servers and images' }
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

function explainSyntax({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"]*"|'[^']*'|[^:\s]+)/.exec(text.slice(pos[0]))?.[0] ?? ''
    return `duplicate key ${key.startsWith('"') ? key : JSON.stringify(key)}: it stands in this map already`
  }
  if (code === 'TAB_AS_INDENT') return 'tabs cannot indent in YAML: use spaces'
  if (code === 'MULTIPLE_DOCS') return 'a manifest is one YAML document: a second one begins here'
  return message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, '')
}
