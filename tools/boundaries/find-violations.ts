import { checkArrows } from './check-arrows.ts'
import { checkCircles } from './check-circles.ts'
import { checkDependencies } from './check-dependencies.ts'
import { checkFileShape } from './check-file-shape.ts'
import { checkRooms } from './check-rooms.ts'
import { checkRuntimeFree } from './check-runtime-free.ts'
import { readWorkspace } from './read-workspace.ts'
import { rules as ownRules, type Rules } from './rules.ts'
import type { Violation } from './violation.ts'

export interface BoundaryReport {
  files: number
  imports: number
  violations: Violation[]
}

/** Reads the repository at `root` and checks it against the rules. Violations are sorted by file and line. */
export function findViolations(root: string, rules: Rules = ownRules): BoundaryReport {
  const workspace = readWorkspace(root)
  const checks = [checkArrows, checkCircles, checkRuntimeFree, checkRooms, checkDependencies, checkFileShape]
  const violations = checks.flatMap((check) => check(workspace, rules))
  violations.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.rule.localeCompare(b.rule))
  const files = [...workspace.rootFiles, ...workspace.units.flatMap((unit) => unit.files)]
  return {
    files: files.length,
    imports: files.reduce((sum, file) => sum + file.imports.length, 0),
    violations,
  }
}
