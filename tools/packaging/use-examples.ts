import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRehearsal } from '../examples/rehearsal.ts'
import { runLibraryExamples, type Start } from '../examples/run-library-examples.ts'
import { findRuntimes, type Runtime, type RuntimeName } from '../testing/runtimes.ts'
import { runTool } from './run-tool.ts'

/**
 * Type-checks the programs of examples/library against the installed packages, and runs them as a user would: compiled on each
 * Node, directly on Bun and Deno, and on Deno with `npm:` specifiers too. Each run has its own servers.
 */
export async function useExamples(
  root: string,
  folder: string,
  nodes: readonly Runtime[],
): Promise<string[]> {
  const library = join(folder, 'library')
  const names = readdirSync(join(root, 'examples/library')).filter((name) =>
    /\.ts$|^tsconfig|^tapes$/.test(name),
  )
  mkdirSync(library)
  for (const name of names)
    cpSync(join(root, 'examples/library', name), join(library, name), { recursive: true })
  const types = ['--typeRoots', join(root, 'node_modules/@types')]
  const compiled = runTool(join(root, 'node_modules/.bin/tsc'), ['-p', library, ...types], { cwd: folder })
  if (!compiled.ok) return [`examples/library against the packed packages: ${compiled.output}`]
  const problems: string[] = []
  for (const { name, start } of waysOf(findRuntimes(root), nodes, library)) {
    const world = await openRehearsal()
    const found = await runLibraryExamples(world, start, name)
    await world.close()
    console.log(`  examples/library ${name}: ${found.length} problems`)
    problems.push(...found)
  }
  return problems
}

function waysOf(
  runtimes: readonly Runtime<RuntimeName>[],
  nodes: readonly Runtime[],
  library: string,
): { name: string; start: Start }[] {
  const commandOf = (name: RuntimeName): string =>
    runtimes.find((runtime) => runtime.name === name)?.command ?? name
  const byDeno =
    (folder: string): Start =>
    (file, isTest) => ({
      command: commandOf('deno'),
      args: [isTest ? 'test' : 'run', '--allow-all', '--no-check', join(folder, `${file}.ts`)],
      // Programs resolve packages from their own folder, tests from the working directory.
      ...(isTest ? { cwd: folder } : {}),
    })
  return [
    ...[...runtimes.filter(({ name }) => name === 'node'), ...nodes].map(({ name, command }) => ({
      name: `on ${name}`,
      start: (file: string, isTest: boolean) => ({
        command,
        args: [...(isTest ? ['--test'] : []), join(library, 'dist', `${file}.js`)],
      }),
    })),
    {
      name: 'on bun',
      start: (file, isTest) => ({
        command: commandOf('bun'),
        args: ['--bun', isTest ? 'test' : 'run', join(library, `${file}.ts`)],
      }),
    },
    { name: 'on deno', start: byDeno(library) },
    { name: 'on deno by npm: specifiers', start: byDeno(withNpmSpecifiers(library)) },
  ]
}

function withNpmSpecifiers(library: string): string {
  const folder = `${library}-by-npm`
  cpSync(library, folder, { recursive: true })
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(join(folder, name), 'utf8')
    writeFileSync(join(folder, name), text.replaceAll("from '@hyperkit/", "from 'npm:@hyperkit/"))
  }
  return folder
}
