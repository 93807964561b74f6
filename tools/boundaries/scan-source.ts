import { blankLiterals } from './blank-literals.ts'

export interface SourceImport {
  specifier: string
  line: number
  /** True for `import type`, `export type … from`, and a clause whose names are all marked `type`: compilation removes these. */
  typeOnly: boolean
}

export interface ScannedSource {
  imports: SourceImport[]
  /** The source without comments and without the contents of literals; offsets and lines are those of the file. */
  code: string
  lines: number
}

const statement =
  /(?<![\w$.])(?:import|export)\s+((?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\{[^{}]*\}\s*|\*\s*(?:as\s+[\w$]+\s*)?)?)from\s*(['"])/g
const bare = /(?<![\w$.])import\s*(['"])/g
const call = /(?<![\w$.])(?:import|require|import\.meta\.resolve)\s*\(\s*(['"])/g

/**
 * Finds every module that a TypeScript file names: static, side-effect, dynamic and type imports, re-exports, and modules
 * that `import.meta.resolve` looks up, because these are then loaded or read by their path.
 */
export function scanSource(source: string): ScannedSource {
  const code = blankLiterals(source)
  const imports: SourceImport[] = []
  const add = (match: RegExpExecArray, typeOnly: boolean): void => {
    const start = match.index + match[0].length
    const end = code.indexOf(match[0].slice(-1), start)
    imports.push({ specifier: source.slice(start, end), line: lineOf(code, match.index), typeOnly })
  }
  for (const match of code.matchAll(statement)) add(match, isTypeOnly(match[1] ?? ''))
  for (const match of code.matchAll(bare)) add(match, false)
  for (const match of code.matchAll(call)) add(match, isTypePosition(code, match.index))
  imports.sort((a, b) => a.line - b.line)
  return { imports, code, lines: source.split('\n').length - (source.endsWith('\n') ? 1 : 0) }
}

/** The line, counted from 1, of an offset. */
export function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length
}

function isTypeOnly(clause: string): boolean {
  if (/^\s*type\s+(?!from\b)/.test(clause)) return true
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]
  if (names === undefined) return false
  const parts = names.split(',').filter((name) => name.trim() !== '')
  return parts.length > 0 && parts.every((name) => /^\s*type\s/.test(name))
}

/** `let a: import('x').B` names a type; `await import('x')` loads a module. */
function isTypePosition(code: string, offset: number): boolean {
  return /(?::|<|\||&|\btypeof|\btype\s+[\w$]+\s*=)\s*$/.test(code.slice(Math.max(0, offset - 80), offset))
}
