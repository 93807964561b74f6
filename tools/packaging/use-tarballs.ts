import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Runtime } from '../testing/runtimes.ts'
import type { PackedPackage } from './pack-packages.ts'
import { runTool } from './run-tool.ts'

/** Installs the tarballs, and nothing else of this repository, in an empty folder. */
export function installTarballs(folder: string, packed: readonly PackedPackage[]): string[] {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
  const result = runTool('npm', ['install', ...quiet, ...packed.map((one) => one.tarball)], { cwd: folder })
  return result.ok ? [] : [`npm install of the tarballs: ${result.output}`]
}

/** Imports every package and starts every command on each runtime. */
export function useInRuntimes(
  runtimes: readonly Runtime[],
  folder: string,
  packed: readonly PackedPackage[],
): string[] {
  const names = JSON.stringify(packed.flatMap((one) => one.entries))
  const script = `for (const name of ${names}) console.log(name, Object.keys(await import(name)).length)\n`
  writeFileSync(join(folder, 'import-all.js'), script)
  return runtimes.flatMap((runtime) => {
    const start = (...args: string[]) =>
      runTool(runtime.command, [...runtime.before, ...args], { cwd: folder, keepProxies: false })
    const imported = start('import-all.js')
    if (!imported.ok) return [`import in ${runtime.name}: ${imported.output}`]
    console.log(`  ${runtime.name}: exports of ${imported.stdout.trim().split('\n').join(', ')}`)
    const empty = imported.stdout.split('\n').filter((line) => line.endsWith(' 0'))
    const problems = empty.map((line) => `import in ${runtime.name}: ${line.slice(0, -2)} exports nothing`)
    for (const bin of packed.flatMap((one) => one.bins)) {
      const help = start(join('node_modules', '.bin', bin), '--help')
      if (!help.ok || help.stdout.trim() === '')
        problems.push(`${bin} --help in ${runtime.name}: ${help.output || 'printed nothing'}`)
    }
    return problems
  })
}

/** The types of core must hold where no types of Node, Bun or Deno are installed, and where libraries are checked too. */
export function typecheckCore(root: string, folder: string): string[] {
  writeFileSync(
    join(folder, 'user.ts'),
    "export * from '@hyperkit/core'\nexport * from '@hyperkit/core/parts'\n",
  )
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', '']
  const lib = ['--lib', 'es2023,dom,dom.iterable,dom.asynciterable', '--skipLibCheck', 'false']
  const result = runTool(join(root, 'node_modules', '.bin', 'tsc'), [...options, ...lib, 'user.ts'], {
    cwd: folder,
  })
  return result.ok ? [] : [`types of @hyperkit/core without types of a runtime: ${result.output}`]
}
