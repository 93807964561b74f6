import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageManifest, SourceFile, Unit, Workspace } from './read-workspace.ts'
import { resolveImport } from './resolve-import.ts'
import type { Rules } from './rules.ts'
import type { Violation } from './violation.ts'

const exact = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/

interface Use {
  file: string
  line: number
  isTest: boolean
}

/** Every import must be declared, every declared dependency imported, and every external version exact. */
export function checkDependencies(workspace: Workspace, rules: Rules): Violation[] {
  const atRoot = workspace.units.filter((unit) => unit.manifest === undefined).flatMap((unit) => unit.files)
  const rootFiles = [...workspace.rootFiles, ...atRoot]
  const rootUses = usesOf(workspace, rootFiles)
  // The root also declares the test tools of every package, and the types (`@types/…`) of what they import.
  const allFiles = workspace.units.flatMap((unit) => unit.files)
  const testUses = usesOf(
    workspace,
    allFiles.filter((file) => file.isTest),
  )
  const typed = [...usesOf(workspace, allFiles).keys()].map((name) => `@types/${name}`)
  const used = new Set([...rootUses.keys(), ...testUses.keys(), ...typed, ...keys(rules.toolsNobodyImports)])
  return [
    ...workspace.units.flatMap((unit) =>
      unit.manifest ? checkPackage(workspace, unit, unit.manifest, rules) : [],
    ),
    ...undeclared(rootUses, declaredBy(workspace.manifest), undefined, 'package.json', workspace),
    ...unused(workspace, 'package.json', Object.keys(workspace.manifest.devDependencies ?? {}), used),
    ...inexact(workspace, 'package.json', workspace.manifest),
  ]
}

function checkPackage(
  workspace: Workspace,
  unit: Unit,
  manifest: PackageManifest,
  rules: Rules,
): Violation[] {
  const path = `${unit.folder}/package.json`
  const uses = usesOf(workspace, unit.files, unit)
  const declared = declaredBy(manifest)
  const runtime = new Set([...keys(manifest.dependencies), ...keys(manifest.peerDependencies)])
  const root = declaredBy(workspace.manifest)
  return [
    ...undeclared(uses, declared, root, path, workspace),
    ...misplaced(uses, runtime, declared, path, workspace),
    ...unused(
      workspace,
      path,
      [...declared],
      new Set([...uses.keys(), ...(rules.leftOutside[unit.folder] ?? [])]),
    ),
    ...inexact(workspace, path, manifest),
  ]
}

function usesOf(workspace: Workspace, files: SourceFile[], self?: Unit): Map<string, Use[]> {
  const uses = new Map<string, Use[]>()
  for (const file of files) {
    for (const { specifier, line } of file.imports) {
      const target = resolveImport(workspace, file, specifier)
      if (target.kind === 'file' || target.kind === 'runtime') continue
      if (target.kind === 'workspace' && target.unit === self) continue
      const name = target.kind === 'external' ? target.name : (target.unit.manifest?.name ?? '')
      uses.set(name, [...(uses.get(name) ?? []), { file: file.path, line, isTest: file.isTest }])
    }
  }
  return uses
}

/** @param atRoot dependencies of the root that tests may use; undefined if the root itself is checked */
function undeclared(
  uses: Map<string, Use[]>,
  declared: Set<string>,
  atRoot: Set<string> | undefined,
  path: string,
  workspace: Workspace,
): Violation[] {
  return [...uses].flatMap(([name, places]) => {
    if (declared.has(name)) return []
    const isOurs = workspace.units.some((unit) => unit.manifest?.name === name)
    // The root and the tests reach workspace packages through npm's links.
    const wrong = places.filter((use) =>
      atRoot === undefined ? !isOurs : !(use.isTest && (isOurs || atRoot.has(name))),
    )
    return wrong.slice(0, 1).map(({ file, line }) => {
      const message = `imports "${name}", which ${path} does not declare: add it there with an exact version, then run a clean \`npm ci\``
      return { file, line, rule: 'declared', message }
    })
  })
}

/** Dependencies that only tests import must not be installed by users, and those that the source imports must be. */
function misplaced(
  uses: Map<string, Use[]>,
  runtime: Set<string>,
  declared: Set<string>,
  path: string,
  workspace: Workspace,
): Violation[] {
  return [...uses].flatMap(([name, places]) => {
    const source = places.find((use) => !use.isTest)
    if (runtime.has(name) && source === undefined) {
      const message = `"${name}" is imported by tests only: move it to devDependencies`
      return [{ file: path, line: lineNaming(workspace, path, name), rule: 'declared', message }]
    }
    if (declared.has(name) && !runtime.has(name) && source !== undefined) {
      const message = `"${name}" is a devDependency of ${path} but the source needs it: move it to dependencies`
      return [{ file: source.file, line: source.line, rule: 'declared', message }]
    }
    return []
  })
}

function unused(workspace: Workspace, path: string, declared: string[], used: Set<string>): Violation[] {
  const idle = declared.filter((name) => !used.has(name) && !used.has(typedBy(name)))
  return idle.map((name) => {
    const message = `"${name}" is declared but nothing imports it: remove it, or state its purpose in \`toolsNobodyImports\` (root only)`
    return { file: path, line: lineNaming(workspace, path, name), rule: 'unused', message }
  })
}

/** `@types/ws` serves `ws`. */
function typedBy(name: string): string {
  return name.startsWith('@types/') ? name.slice('@types/'.length) : name
}

function inexact(workspace: Workspace, path: string, manifest: PackageManifest): Violation[] {
  const all = Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  })
  return all.flatMap(([name, range]) => {
    const ours = workspace.units.find((unit) => unit.manifest?.name === name)?.manifest
    const wanted = ours === undefined ? undefined : `^${ours.version}`
    if (wanted === undefined ? exact.test(range) : range === wanted) return []
    const wayOut =
      wanted === undefined ? 'write the exact version' : `write "${wanted}", the version in this workspace`
    return [
      {
        file: path,
        line: lineNaming(workspace, path, name),
        rule: 'exact',
        message: `"${name}": "${range}" is not an exact version: ${wayOut}`,
      },
    ]
  })
}

function declaredBy(manifest: PackageManifest): Set<string> {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest
  return new Set([dependencies, devDependencies, peerDependencies, optionalDependencies].flatMap(keys))
}

function keys(record: Record<string, string> | undefined): string[] {
  return Object.keys(record ?? {})
}

function lineNaming(workspace: Workspace, path: string, name: string): number {
  const lines = readFileSync(join(workspace.root, path), 'utf8').split('\n')
  return Math.max(1, lines.findIndex((line) => line.includes(`"${name}":`)) + 1)
}
