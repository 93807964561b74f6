import type { BaseIssue } from 'valibot'
import { isScalar, type Node } from 'yaml'
import { nameOf, type Path } from './read-value.ts'

/** Turns a valibot issue into a message for the author of the file: the key, what it must be, and what was written. */
export function explainIssue(
  issue: BaseIssue<unknown>,
  path: Path,
  node: Node | undefined,
  whole = 'the manifest',
): string {
  const key = path.length === 0 ? whole : nameOf(path)
  if (issue.kind === 'validation') return `${key} ${issue.message}`
  if (issue.kind === 'schema' && issue.type === 'strict_object' && issue.expected?.startsWith('"'))
    return `${issue.expected} is missing${missingHints[path.join('.')] ?? ''}`
  const expected = expectation(issue)
  const input = issue.input
  const isSecret = ['token', 'secret'].includes(String(path.at(-1)))
  if (isSecret && input !== null && input !== undefined) return `${key} must be ${expected}`
  if (input === null || input === undefined) return `${key} must be ${expected}, but is empty`
  if (wantsText(issue) && isScalar(node) && (typeof input === 'number' || typeof input === 'boolean')) {
    const written = node.source ?? String(input)
    return `${key} must be a string, but ${written} is a ${typeof input} in YAML: quote it, "${written}"`
  }
  return `${key} must be ${expected}, not ${shown(input)}`
}

const missingHints: Readonly<Record<string, string>> = {
  name: ': it marks what this manifest creates, such as "name: base-images"',
  version: ': write "version: 1"',
}

function wantsText(issue: BaseIssue<unknown>): boolean {
  return issue.expected === 'string' || (issue.type === 'union' && takesMap(issue))
}

/** Whether an alternative to a string is a map, not a number. */
function takesMap({ expected }: BaseIssue<unknown>): boolean {
  return /\bObject\b/.test(expected ?? '')
}

function expectation(issue: BaseIssue<unknown>): string {
  if (issue.type === 'union' && /\bArray\b/.test(issue.expected ?? ''))
    return 'an address, or a list of addresses'
  if (issue.type === 'union')
    return takesMap(issue) ? 'a string, or a map with "name" and "description"' : 'a number or a string'
  const names: Record<string, string> = {
    string: 'a string',
    boolean: 'true or false',
    Array: 'a list',
    Object: 'a map',
  }
  const expected = issue.expected ?? ''
  return names[expected] ?? expected.replace(/^\((.*)\)$/, '$1').replaceAll(' | ', ' or ')
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'a map'
  return typeof input === 'string' ? JSON.stringify(input) : String(input)
}
