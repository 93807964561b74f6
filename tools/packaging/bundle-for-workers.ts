import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { findGlobals } from '../boundaries/check-runtime-free.ts'
import { scanSource } from '../boundaries/scan-source.ts'
import { findRuntimes } from '../testing/runtimes.ts'
import { runTool } from './run-tool.ts'

/** Bundles each entry for edge workers and browsers with its dependencies, and checks that no module of a runtime is left. */
export function bundleForWorkers(root: string, folder: string): string[] {
  return [
    ...['core', 'core/parts', 'reconcile/documents'].flatMap((name) =>
      bundle(root, folder, name, (code) =>
        findGlobals(code).map((found) => `uses the global "${found.name}" (line ${found.line})`),
      ),
    ),
    // This package detects the runtime, so it mentions their globals.
    ...bundle(root, folder, 'connect', () => []),
  ]
}

function bundle(root: string, folder: string, entry: string, check: (code: string) => string[]): string[] {
  const bun = findRuntimes(root).find((runtime) => runtime.name === 'bun')?.command ?? 'bun'
  writeFileSync(join(folder, 'worker.js'), `export * from '@hyperkit/${entry}'\n`)
  const name = entry.replace('/', '-')
  // Marked as external, because Bun would otherwise replace them with browser polyfills and hide the import.
  const externals = ['node:*', 'bun:*', 'bun'].flatMap((module) => ['--external', module])
  const build = (outfile: string, ...args: string[]) =>
    runTool(
      bun,
      [
        'build',
        'worker.js',
        '--target=browser',
        '--conditions=workerd',
        '--format=esm',
        `--outfile=${outfile}`,
        ...externals,
        ...args,
      ],
      { cwd: folder },
    )
  const readable = build(`worker-${name}.js`)
  const minified = build(`worker-${name}.min.js`, '--minify')
  if (!readable.ok || !minified.ok) return [`bundle of ${entry}: ${readable.output}\n${minified.output}`]

  const { imports, code } = scanSource(readFileSync(join(folder, `worker-${name}.js`), 'utf8'))
  const bytes = readFileSync(join(folder, `worker-${name}.min.js`))
  const kibibytes = (size: number): string => `${(size / 1024).toFixed(1)} KiB`
  console.log(
    `  bundle of ${entry} for workers: ${kibibytes(bytes.length)} minified, ${kibibytes(gzipSync(bytes).length)} gzip`,
  )
  const problems = [...imports.map((entry) => `still imports "${entry.specifier}"`), ...check(code)]
  return problems.map((problem) => `bundle of ${entry} ${problem}`)
}
