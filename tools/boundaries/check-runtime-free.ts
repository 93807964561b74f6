import type { SourceFile, Workspace } from './read-workspace.ts'
import { resolveImport } from './resolve-import.ts'
import type { Rules } from './rules.ts'
import { lineOf } from './scan-source.ts'
import type { Violation } from './violation.ts'

// `process` is also a common name for a variable, so only its use as an object counts. A member of that name
// (`x.Buffer`) or a property key (`Deno: 1`) is not the global; `globalThis.Bun` is.
const globalUse =
  /(?<![\w$]\.|[\w$]\?\.|[\w$])(?:globalThis\??\.)?(Bun|Deno|Buffer)\b(?!\s*\??:)|(?<![\w$.])(?:globalThis\??\.)?(process|require|__dirname|__filename)(?=\s*(?:\.|\?\.|\[|\())|(?<=typeof\s+|globalThis\??\.)(process)\b/g

/**
 * Checks packages, and entries with everything that they import, that must run anywhere: they use no modules or globals of a
 * runtime, and few dependencies. Tests are not checked.
 */
export function checkRuntimeFree(workspace: Workspace, rules: Rules): Violation[] {
  return Object.entries(rules.runtimeFree).flatMap(([place, allowed]) => {
    const unit = workspace.units.find(({ folder }) => folder === place)
    const sources = unit?.files.filter((file) => !file.isTest) ?? reachedFrom(workspace, place)
    return sources.flatMap((file) => [
      ...foreignImports(workspace, file, allowed, unit === undefined),
      ...foreignGlobals(file),
    ])
  })
}

/** A file, and every file that it imports directly or indirectly, types included. */
function reachedFrom(workspace: Workspace, entry: string): SourceFile[] {
  const all = new Map(workspace.units.flatMap(({ files }) => files.map((file) => [file.path, file] as const)))
  const reached = new Set<SourceFile>()
  const visit = (path: string): void => {
    const file = all.get(path)
    if (file === undefined || reached.has(file)) return
    reached.add(file)
    for (const { specifier } of file.imports) {
      const target = resolveImport(workspace, file, specifier)
      if (target.kind === 'file') visit(target.path)
    }
  }
  visit(entry)
  return [...reached]
}

function foreignImports(
  workspace: Workspace,
  file: SourceFile,
  allowed: readonly string[],
  isEntry: boolean,
): Violation[] {
  const violations: Violation[] = []
  for (const { specifier, line } of file.imports) {
    const target = resolveImport(workspace, file, specifier)
    const at = { file: file.path, line, rule: 'runtime-free' }
    if (target.kind === 'runtime') {
      const message = `imports "${specifier}", which not every runtime has: take it as an argument, or move the code to connect or files`
      violations.push({ ...at, message })
      continue
    }
    // Imports between packages are checked by the arrows.
    const ofEntry = isEntry && target.kind === 'workspace' ? target.unit.manifest?.name : undefined
    const outside = target.kind === 'external' ? target.name : ofEntry
    if (outside !== undefined && !allowed.includes(outside)) {
      const message = `imports "${outside}": only ${allowed.join(' and ')} are allowed; use Web APIs instead`
      violations.push({ ...at, message })
    }
  }
  return violations
}

function foreignGlobals(file: SourceFile): Violation[] {
  return findGlobals(file.code).map(({ name, line }) => {
    const message = `uses the global "${name}", which not every runtime has: use a Web API, or take it as an argument`
    return { file: file.path, line, rule: 'runtime-free', message }
  })
}

/** Finds uses of a runtime's globals. @param code from scanSource, without comments and literals */
export function findGlobals(code: string): { name: string; line: number }[] {
  return [...code.matchAll(globalUse)].map((match) => ({
    name: match[1] ?? match[2] ?? match[3] ?? match[0],
    line: lineOf(code, match.index),
  }))
}
