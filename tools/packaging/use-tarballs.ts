import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Runtime } from '../testing/runtimes.ts'
import type { PackedPackage } from './pack-packages.ts'
import { runTool } from './run-tool.ts'

/** The oldest TypeScript that the declarations support; this version is installed in the folder. */
const oldest = '5.6.3'

/** Installs the tarballs and the oldest TypeScript in an empty folder, without anything from this repository. */
export function installTarballs(folder: string, packed: readonly PackedPackage[]): string[] {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
  const result = runTool(
    'npm',
    ['install', ...quiet, ...packed.map((one) => one.tarball), `typescript@${oldest}`],
    { cwd: folder },
  )
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

/**
 * The declarations must compile under the oldest and the newest TypeScript, with the smallest `lib` and with library checks:
 * those of core without the types of any runtime, those of all packages with the types of Node.
 */
export function typecheckPackages(root: string, folder: string, packed: readonly PackedPackage[]): string[] {
  const forCore = ['@hyperkit/core', '@hyperkit/core/parts']
  const entries = packed.flatMap((one) => one.entries).filter((name) => !forCore.includes(name))
  const uses = (names: readonly string[]): string =>
    names.map((name, index) => `export * as e${index} from '${name}'\n`).join('')
  writeFileSync(
    join(folder, 'core.ts'),
    `import { createClient, fetchTransport } from '@hyperkit/core'
await using client = createClient({ transport: fetchTransport('http://127.0.0.1:8443') })
using again = client.project('web')
export const names = [client.name, again.name]
${uses(forCore)}`,
  )
  writeFileSync(join(folder, 'all.ts'), uses([...forCore, ...entries]))
  const always = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    'false',
  ]
  const small = ['--lib', 'es2022,dom']
  const none = ['--typeRoots', join(folder, 'no-types')]
  const node = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node']
  const ways = [
    { what: 'core', options: [...small, ...none, 'core.ts'] },
    { what: 'core beside lib.esnext', options: ['--lib', 'esnext,dom', ...none, 'core.ts'] },
    { what: 'all packages', options: [...small, ...node, 'all.ts'] },
  ]
  const compilers = [
    { name: `TypeScript ${oldest}`, tsc: join(folder, 'node_modules/.bin/tsc') },
    { name: 'the newest TypeScript', tsc: join(root, 'node_modules/.bin/tsc') },
  ]
  return compilers.flatMap(({ name, tsc }) =>
    ways.flatMap(({ what, options }) => {
      const result = runTool(tsc, [...always, ...options], { cwd: folder })
      console.log(`  declarations of ${what} under ${name}: ${result.ok ? 'good' : 'not good'}`)
      return result.ok ? [] : [`declarations of ${what} under ${name}: ${result.output}`]
    }),
  )
}
