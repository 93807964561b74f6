import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { commands } from '@hyperkit/reconciler/commands'
import { manifestCommands } from '@hyperkit/runner'
import { makeOutlines } from './bundle/make-outlines.ts'
import { type ProgramName, programNames, scriptNames } from './bundle/programs.ts'
import { bundleForWorkers } from './packaging/bundle-for-workers.ts'
import { checkContents } from './packaging/check-contents.ts'
import { lintTarball } from './packaging/lint-tarball.ts'
import { type PackedPackage, packPackages } from './packaging/pack-packages.ts'
import { runTool } from './packaging/run-tool.ts'
import { useCommands } from './packaging/use-commands.ts'
import { useExamples } from './packaging/use-examples.ts'
import { installTarballs, typecheckPackages, useInRuntimes } from './packaging/use-tarballs.ts'
import { findNodes } from './testing/nodes.ts'
import { findRuntimes } from './testing/runtimes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'hyperkit-packaging-'))
try {
  const problems = await checkPackaging()
  for (const problem of problems) console.error(problem)
  console.log(`packaging: ${problems.length} problems`)
  if (problems.length > 0) process.exitCode = 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function checkPackaging(): Promise<string[]> {
  const build = runTool('npm', ['run', 'build'], { cwd: root })
  if (!build.ok) return [`build: ${build.output}`]
  const packed = packPackages(root, scratch)
  const problems = packed.flatMap((one) => checkPackage(one).map((problem) => `${one.name}: ${problem}`))

  const folder = join(scratch, 'user')
  const install = installTarballs(folder, packed)
  if (install.length > 0) return [...problems, ...install]
  const nodes = findNodes()
  return [
    ...problems,
    ...(await checkOutlines(join(folder, 'node_modules'))),
    ...tryToBuildExecutable(),
    ...useInRuntimes([...findRuntimes(root), ...nodes], folder, packed),
    ...(await useCommands([...findRuntimes(root), ...nodes], folder)),
    ...typecheckPackages(root, folder, packed),
    ...bundleForWorkers(root, folder),
    ...(await useExamples(root, folder, nodes)),
  ]
}

function checkPackage(packed: PackedPackage): string[] {
  console.log(`  ${packed.name}: ${packed.files.length} files, ${(packed.size / 1024).toFixed(1)} KiB packed`)
  const problems = [...checkContents(packed.files, commandOf(packed)), ...lintTarball(root, packed)]
  // Each package has a copy, so that every way of packing includes it; the copies must be identical.
  if (packed.files.includes('LICENSE') && licenseOf(packed.folder) !== licenseOf('.')) {
    problems.push('LICENSE differs from the one of the repository: copy that file')
  }
  return problems
}

/** The help and completion that a package has must be those of its sources. */
async function checkOutlines(modules: string): Promise<string[]> {
  const packages: Record<ProgramName, string> = {
    hyperkit: '@hyperkit/runner',
    'hyperkit-reconcile': '@hyperkit/reconciler',
  }
  const problems = await Promise.all(
    programNames.map(async (name) => {
      const { outlines } = await makeOutlines(name)
      const stale = await Promise.all(
        Object.entries(outlines).map(async ([command, made]) => {
          const file = join(modules, packages[name], 'dist/command/outlines', `${command}.js`)
          const packed = (await import(file)) as { default: unknown }
          return isDeepStrictEqual(packed.default, JSON.parse(JSON.stringify(made))) ? [] : [command]
        }),
      )
      return stale
        .flat()
        .map((command) => `the help of ${name} ${command} is not that of its source: build it again`)
    }),
  )
  return problems.flat()
}

/** It also tries it by both of its names. */
function tryToBuildExecutable(): string[] {
  const args = ['run', 'executable', '--', '--out', join(scratch, 'hyperkit')]
  const { ok, output } = runTool('npm', args, { cwd: root })
  console.log(`  executable: ${ok ? 'both commands run' : 'not good'}`)
  return ok ? [] : [`executable: ${output}`]
}

/** The bundled command of a package, with the names of its commands. */
function commandOf({ bins }: PackedPackage): { name: string; outlined: string[] } | undefined {
  const name = programNames.find((each) => bins.includes(each))
  if (name === undefined) return undefined
  const own = (name === 'hyperkit' ? manifestCommands : commands).map((command) => command.name)
  return { name, outlined: name === 'hyperkit' ? [...scriptNames(), ...own] : own }
}

function licenseOf(folder: string): string {
  return readFileSync(join(root, folder, 'LICENSE'), 'utf8')
}
