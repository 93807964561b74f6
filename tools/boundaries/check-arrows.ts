import type { SourceFile, Unit, Workspace } from './read-workspace.ts'
import { resolveImport } from './resolve-import.ts'
import type { Rules } from './rules.ts'
import type { Violation } from './violation.ts'

/** Imports across folders must follow the arrows, use the package's name, and go through its exports. */
export function checkArrows(workspace: Workspace, rules: Rules): Violation[] {
  return workspace.units.flatMap((unit) => {
    if (arrowsOf(unit, rules) === undefined && unit.files.length > 0) return [unknownUnit(unit)]
    return unit.files.flatMap((file) => checkFile(workspace, rules, unit, file))
  })
}

function checkFile(workspace: Workspace, rules: Rules, unit: Unit, file: SourceFile): Violation[] {
  const violations: Violation[] = []
  for (const { specifier, line } of file.imports) {
    const target = resolveImport(workspace, file, specifier)
    const at = { file: file.path, line }
    if (target.kind === 'file' && target.unit !== unit) {
      violations.push({ ...at, rule: 'by-name', message: outsidePath(specifier, unit, target.unit) })
    }
    if (target.kind !== 'workspace') continue
    if (target.unit !== unit && !mayImport(unit, target.unit, file.isTest, rules)) {
      violations.push({ ...at, rule: 'arrows', message: wrongArrow(unit, target.unit, rules) })
    }
    if (!isExported(target.subpath, target.unit)) {
      const name = target.unit.manifest?.name
      const message = `deep import "${specifier}": import it from "${name}" if its index exports it, or export it there`
      violations.push({ ...at, rule: 'deep-import', message })
    }
  }
  return violations
}

/** An entry matches by its name, or by a pattern such as `./*`. */
function isExported(subpath: string, { manifest }: Unit): boolean {
  return Object.keys(manifest?.exports ?? {}).some((entry) => {
    const [start = '', end] = entry.split('*')
    return end === undefined
      ? subpath === entry
      : subpath.length > start.length + end.length && subpath.startsWith(start) && subpath.endsWith(end)
  })
}

function mayImport(from: Unit, to: Unit, isTest: boolean, rules: Rules): boolean {
  if (arrowsOf(from, rules)?.includes(to.folder)) return true
  return isTest && rules.testArrows.includes(to.folder)
}

/** The most specific row of the table: `apps/reconciler` before `apps/*`. */
function arrowsOf(unit: Unit, rules: Rules): readonly string[] | undefined {
  return rules.arrows[unit.folder] ?? rules.arrows[`${unit.folder.split('/')[0]}/*`]
}

function unknownUnit(unit: Unit): Violation {
  const message = `"${unit.folder}" has no arrows: add it to \`arrows\` in tools/boundaries/rules.ts and to the map in ARCHITECTURE.md`
  return { file: `${unit.folder}/package.json`, line: 1, rule: 'arrows', message }
}

function outsidePath(specifier: string, from: Unit, to: Unit | undefined): string {
  const name = to?.manifest?.name
  const wayOut = name === undefined ? `keep what "${from.folder}" needs inside it` : `import from "${name}"`
  return `"${specifier}" leaves ${from.folder}: ${wayOut}`
}

function wrongArrow(from: Unit, to: Unit, rules: Rules): string {
  if (to.folder.startsWith('apps/')) {
    return `"${from.folder}" imports the app "${to.folder}": nothing imports an app, so move what is shared into a package`
  }
  const allowed = arrowsOf(from, rules)?.join(', ') || 'no other package'
  return `"${from.folder}" imports "${to.folder}": it may import ${allowed}; move the code down, or pass it in as an argument`
}
