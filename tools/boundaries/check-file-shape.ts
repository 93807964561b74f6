import type { SourceFile, Workspace } from './read-workspace.ts'
import type { Rules } from './rules.ts'
import type { Violation } from './violation.ts'

/** Files must be short and have meaningful names. */
export function checkFileShape(workspace: Workspace, rules: Rules): Violation[] {
  const files = [...workspace.rootFiles, ...workspace.units.flatMap((unit) => unit.files)]
  return files.flatMap((file) => [...tooLong(file, rules.maxLines), ...emptyName(file, rules.forbiddenNames)])
}

function tooLong(file: SourceFile, max: number): Violation[] {
  if (file.lines <= max) return []
  const message = `${file.lines} lines, but at most ${max} are allowed: split it so that each file does one thing and is named after it`
  return [{ file: file.path, line: max + 1, rule: 'length', message }]
}

function emptyName(file: SourceFile, forbidden: readonly string[]): Violation[] {
  const bad = file.path.split('/').find((part) => forbidden.includes(part.replace(/\..*$/, '').toLowerCase()))
  if (bad === undefined) return []
  return [
    {
      file: file.path,
      line: 1,
      rule: 'names',
      message: `"${bad}" is not a meaningful name: name it after what it does`,
    },
  ]
}
