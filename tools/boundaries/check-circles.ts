import type { SourceFile, Workspace } from './read-workspace.ts'
import { resolveImport } from './resolve-import.ts'
import type { Violation } from './violation.ts'

interface Arrow {
  to: string
  line: number
}

/** No file may import itself, not even through other files or for types: two files share code through a third below them. */
export function checkCircles(workspace: Workspace): Violation[] {
  const files = workspace.units.flatMap((unit) => unit.files)
  const arrows = new Map(files.map((file) => [file.path, arrowsOf(workspace, file)]))
  const state = new Map<string, 'open' | 'closed'>()
  const violations: Violation[] = []
  const visit = (path: string, way: readonly string[]): void => {
    state.set(path, 'open')
    for (const { to, line } of arrows.get(path) ?? []) {
      if (state.get(to) === 'open') violations.push(describe([...way.slice(way.indexOf(to)), to], line))
      else if (state.get(to) === undefined) visit(to, [...way, to])
    }
    state.set(path, 'closed')
  }
  for (const { path } of files) if (state.get(path) === undefined) visit(path, [path])
  return violations
}

function arrowsOf(workspace: Workspace, file: SourceFile): Arrow[] {
  return file.imports.flatMap(({ specifier, line }) => {
    const target = resolveImport(workspace, file, specifier)
    return target.kind === 'file' ? [{ to: target.path, line }] : []
  })
}

function describe(circle: readonly string[], line: number): Violation {
  const names = circle.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(' -> ')
  const message = `files import each other in a circle (${names}): move what they share to a file below them`
  return { file: circle.at(-2) ?? '', line, rule: 'circles', message }
}
