import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'

export interface ImageMetadata {
  /** As the kernel calls it: `x86_64`. */
  architecture: string
  /** Seconds since 1970. */
  creationDate: number
  /** Seconds since 1970; 0: none. */
  expiryDate: number
  /** `undefined` where metadata.yaml has no such map: what the daemons trip over (T4). */
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

/** Reads metadata.yaml, converting scalars as Go's decoder does. */
export function parseMetadata(text: string): ImageMetadata {
  if (text.trim() === '') throw new Error('EOF')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined) {
    throw new Error(`yaml: line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n', 1)[0]}`)
  }
  const problems: string[] = []
  const report = (node: Node, type: string): void => {
    const line = lines.linePos(node.range?.[0] ?? 0).line
    const shown = isScalar(node) ? ` \`${sourceOf(node)}\`` : ''
    problems.push(`  line ${line}: cannot unmarshal ${tagOf(node)}${shown} into ${type}`)
  }
  const root = document.contents
  const metadata = isMap(root) ? readFields(root, report) : readFields(undefined, report)
  if (root !== null && !isMap(root)) report(root, 'api.ImageMetadata')
  if (problems.length > 0) throw new Error(`yaml: unmarshal errors:\n${problems.join('\n')}`)
  return checked(metadata)
}

type Report = (node: Node, type: string) => void

function readFields(root: YAMLMap | undefined, report: Report): ImageMetadata {
  const node = (key: string): Node | undefined => (root?.get(key, true) as Node | undefined) ?? undefined
  return {
    architecture: textOf(node('architecture'), report),
    creationDate: integerOf(node('creation_date'), report),
    expiryDate: integerOf(node('expiry_date'), report),
    properties: mapOf(node('properties'), report),
  }
}

function textOf(node: Node | undefined, report: Report): string {
  if (node === undefined) return ''
  if (isScalar(node)) return sourceOf(node)
  report(node, 'string')
  return ''
}

function integerOf(node: Node | undefined, report: Report): number {
  if (node === undefined || (isScalar(node) && node.value === null)) return 0
  if (isScalar(node) && typeof node.value === 'number' && Number.isInteger(node.value)) return node.value
  report(node, 'int64')
  return 0
}

function mapOf(node: Node | undefined, report: Report): Record<string, string> | undefined {
  if (node === undefined || (isScalar(node) && node.value === null)) return undefined
  if (!isMap(node)) {
    report(node, 'map[string]string')
    return undefined
  }
  const entries = node.items.map(({ key, value }) => [
    textOf(key as Node, report),
    textOf((value as Node | null) ?? undefined, report),
  ])
  return Object.fromEntries(entries) as Record<string, string>
}

/** The text as written: `24.04` stays so. */
function sourceOf(node: { value?: unknown; source?: string }): string {
  if (node.value === null) return ''
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

function tagOf(node: Node): string {
  if (isMap(node)) return '!!map'
  if (!isScalar(node)) return '!!seq'
  if (typeof node.value === 'number') return Number.isInteger(node.value) ? '!!int' : '!!float'
  return typeof node.value === 'boolean' ? '!!bool' : '!!str'
}

function checked(metadata: ImageMetadata): ImageMetadata {
  const architecture = Object.entries(architectures).find(
    ([name, aliases]) => name === metadata.architecture || aliases.includes(metadata.architecture),
  )?.[0]
  if (architecture === undefined) throw new Error(`Architecture isn't supported: ${metadata.architecture}`)
  if (metadata.creationDate === 0) throw new Error('Missing creation date')
  return { ...metadata, architecture }
}
