import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listWorkspaces } from '../list-workspaces.ts'
import { runTool } from './run-tool.ts'

export interface PackedPackage {
  name: string
  /** `packages/core` */
  folder: string
  tarball: string
  /** Paths inside the package, sorted. */
  files: string[]
  /** Bytes of the tarball. */
  size: number
  bins: string[]
  /** The specifiers that can be imported: `@hyperkit/core`, `@hyperkit/scripts/list`. */
  entries: string[]
}

interface PackageFacts {
  name: string
  private?: boolean
  bin?: Record<string, string>
  exports?: Record<string, unknown>
}

interface PackReport {
  filename: string
  size: number
  files: { path: string }[]
}

/** Packs every workspace that is not private, as `npm publish` would. */
export function packPackages(root: string, destination: string): PackedPackage[] {
  return listWorkspaces(root).flatMap((folder) => {
    const facts = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageFacts
    return facts.private === true ? [] : [packOne(root, folder, facts, destination)]
  })
}

function packOne(root: string, folder: string, facts: PackageFacts, destination: string): PackedPackage {
  const args = ['pack', '--json', '--pack-destination', destination]
  const result = runTool('npm', args, { cwd: join(root, folder) })
  if (!result.ok) throw new Error(`Cannot pack "${facts.name}": npm said ${result.output}`)
  const report = readReport(result.stdout, facts.name)
  const files = report.files.map((file) => file.path).sort()
  return {
    name: facts.name,
    folder,
    tarball: join(destination, report.filename),
    files,
    size: report.size,
    bins: Object.keys(facts.bin ?? {}),
    entries: entriesOf(facts, files),
  }
}

function entriesOf({ name, exports = {} }: PackageFacts, files: readonly string[]): string[] {
  const modules = files.flatMap((file) => /^dist\/([\w-]+)\.js$/.exec(file)?.[1] ?? [])
  return Object.keys(exports).flatMap((key) =>
    key === './*' ? modules.map((module) => `${name}/${module}`) : [`${name}${key.slice(1)}`],
  )
}

/** npm 10 prints a list; npm 11 may print an object by package name. */
function readReport(stdout: string, name: string): PackReport {
  const parsed = JSON.parse(stdout) as PackReport[] | Record<string, PackReport>
  const report = Array.isArray(parsed) ? parsed[0] : parsed[name]
  if (report === undefined) throw new Error(`Cannot pack "${name}": npm printed no report`)
  return report
}
