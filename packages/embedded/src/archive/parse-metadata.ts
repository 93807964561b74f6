import { isMap, isScalar, LineCounter, type Node, parseDocument, type Scalar, type YAMLMap } from 'yaml'
import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'

export interface ImageMetadata {
  /** As the kernel calls it: `x86_64`. */
  architecture: string
  /** Seconds since 1970. */
  creationDate: number
  /** Seconds since 1970; 0 if there is none. */
  expiryDate: number
  /** `undefined` if metadata.yaml has no such map, which the daemons do not handle (T4). */
  properties: Record<string, string> | undefined
}

const architectures: Readonly<Record<string, readonly string[]>> = {
  i686: ['i386', 'i586', '386', 'x86', 'generic_32'],
  x86_64: ['amd64', 'generic_64'],
  armv6l: ['armel', 'arm'],
  armv7l: ['armhf', 'armhfp', 'armv7a_hardfp', 'armv7', 'armv7a_vfpv3_hardfp'],
  armv8l: [],
  aarch64: ['arm64', 'arm64_generic'],
  ppc: ['powerpc'],
  ppc64: ['powerpc64', 'ppc64'],
  ppc64le: ['ppc64el'],
  s390x: [],
  mips: [],
  mips64: [],
  riscv32: [],
  riscv64: [],
  loongarch64: ['loong64'],
}

/**
 * Reads metadata.yaml, converting scalars as Go's decoder does.
 *
 * @throws {Error} in the words of go-yaml: of its version 2 or 3, or of the stricter 4 (T43)
 */
export function parseMetadata(text: string, dialect: Dialect): ImageMetadata {
  if (text.trim() === '') throw new Error('EOF')
  const strict = dialect.yaml === 'strict'
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    const where = strict ? `go-yaml load error in parser at L${line}.C${col}` : `yaml: line ${line}`
    throw new Error(`${where}: ${error.message.split('\n', 1)[0]}`)
  }
  const problems: string[] = []
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line
  const report = (node: Node, type: string): void => {
    const shown = isScalar(node) ? ` \`${shortened(sourceOf(node))}\`` : ''
    const verb = strict ? 'construct' : 'unmarshal'
    problems.push(`  line ${lineOf(node)}: cannot ${verb} ${tagOf(node)}${shown} into ${type}`)
  }
  const root = document.contents
  if (strict) problems.push(...repeatedKeys(root, lineOf))
  const fields = isMap(root) ? root : undefined
  const metadata = readFields(fields, strict, report)
  if (root !== null && fields === undefined) report(root, 'api.ImageMetadata')
  if (problems.length > 0) throw new Error(`yaml: ${listProblems(problems, strict)}`)
  return checked(metadata, dialect)
}

function listProblems(problems: readonly string[], strict: boolean): string {
  if (!strict) return `unmarshal errors:\n${problems.join('\n')}`
  const [only = ''] = problems
  return `construct errors:${problems.length === 1 ? only.slice(1) : `\n${problems.join('\n')}`}`
}

/** The errors of version 4 about duplicate keys. */
function repeatedKeys(node: unknown, lineOf: (node: Node) => number): string[] {
  if (!isMap(node)) return []
  const problems: string[] = []
  const first = new Map<string, number>()
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key)
    const line = lineOf(key as Node)
    const before = first.get(name)
    if (before === undefined) first.set(name, line)
    else problems.push(`  line ${line}: mapping key "${name}" already defined at line ${before}`)
    problems.push(...repeatedKeys(value, lineOf))
  }
  return problems
}

type Report = (node: Node, type: string) => void

function readFields(root: YAMLMap | undefined, strict: boolean, report: Report): ImageMetadata {
  // The last of several duplicate keys counts.
  const node = (key: string): Node | undefined =>
    (root?.items.findLast((item) => isScalar(item.key) && item.key.value === key)?.value as Node | null) ??
    undefined
  return {
    architecture: textOf(node('architecture'), strict, report),
    creationDate: integerOf(node('creation_date'), strict, report),
    expiryDate: integerOf(node('expiry_date'), strict, report),
    properties: mapOf(node('properties'), strict, report),
  }
}

function textOf(node: Node | undefined, strict: boolean, report: Report): string {
  if (node === undefined) return ''
  if (isScalar(node) && !(strict && isDate(node))) return sourceOf(node)
  report(node, 'string')
  return ''
}

function integerOf(node: Node | undefined, strict: boolean, report: Report): number {
  if (node === undefined || (isScalar(node) && node.value === null)) return 0
  if (isScalar(node) && typeof node.value === 'number') {
    if (Number.isInteger(node.value) || !strict) return Math.trunc(node.value)
  }
  report(node, 'int64')
  return 0
}

function mapOf(node: Node | undefined, strict: boolean, report: Report): Record<string, string> | undefined {
  if (node === undefined || (isScalar(node) && node.value === null)) return undefined
  if (!isMap(node)) {
    report(node, 'map[string]string')
    return undefined
  }
  const entries = node.items.map(({ key, value }) => [
    textOf(key as Node, strict, report),
    textOf((value as Node | null) ?? undefined, strict, report),
  ])
  return Object.fromEntries(entries) as Record<string, string>
}

function shortened(text: string): string {
  return text.length > 10 ? `${text.slice(0, 7)}...` : text
}

/** The text as written: `24.04` stays unchanged. */
function sourceOf(node: { value?: unknown; source?: string }): string {
  if (node.value === null) return ''
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

/** Version 4 does not accept an unquoted date as text. */
function isDate(node: Scalar): boolean {
  return node.type === 'PLAIN' && /^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/.test(node.source ?? '')
}

function tagOf(node: Node): string {
  if (isMap(node)) return '!!map'
  if (!isScalar(node)) return '!!seq'
  if (isDate(node)) return '!!timestamp'
  if (typeof node.value === 'number') return Number.isInteger(node.value) ? '!!int' : '!!float'
  return typeof node.value === 'boolean' ? '!!bool' : '!!str'
}

function checked(metadata: ImageMetadata, { unknownArchitecture }: Dialect): ImageMetadata {
  const architecture = Object.entries(architectures).find(
    ([name, aliases]) => name === metadata.architecture || aliases.includes(metadata.architecture),
  )?.[0]
  if (architecture === undefined) throw new Error(fill(unknownArchitecture, metadata.architecture))
  if (metadata.creationDate === 0) throw new Error('Missing creation date')
  return { ...metadata, architecture }
}
