import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { findGlobals } from '../boundaries/check-runtime-free.ts'
import { scanSource } from '../boundaries/scan-source.ts'
import { findRuntimes } from '../testing/runtimes.ts'
import { runTool } from './run-tool.ts'

/** Bundles the installed core with its dependencies for edge workers: nothing of a runtime may be left in it. */
export function bundleCore(root: string, folder: string): string[] {
  const bun = findRuntimes(root).find((runtime) => runtime.name === 'bun')?.command ?? 'bun'
  writeFileSync(join(folder, 'worker.js'), "export * from '@hyperkit/core'\n")
  // External, or Bun would put its browser stand-ins in their place and hide the import.
  const externals = ['node:*', 'bun:*', 'bun'].flatMap((name) => ['--external', name])
  const build = (outfile: string, ...args: string[]) =>
    runTool(
      bun,
      [
        'build',
        'worker.js',
        '--target=browser',
        '--format=esm',
        `--outfile=${outfile}`,
        ...externals,
        ...args,
      ],
      { cwd: folder },
    )
  const readable = build('worker-bundle.js')
  const minified = build('worker-bundle.min.js', '--minify')
  if (!readable.ok || !minified.ok) return [`bundle of core: ${readable.output}\n${minified.output}`]

  const { imports, code } = scanSource(readFileSync(join(folder, 'worker-bundle.js'), 'utf8'))
  const bytes = readFileSync(join(folder, 'worker-bundle.min.js'))
  const kibibytes = (size: number): string => `${(size / 1024).toFixed(1)} KiB`
  console.log(
    `  bundle with its dependencies: ${kibibytes(bytes.length)} minified, ${kibibytes(gzipSync(bytes).length)} gzip`,
  )
  return [
    ...imports.map((entry) => `bundle of core still imports "${entry.specifier}"`),
    ...findGlobals(code).map(
      ({ name, line }) => `bundle of core uses the global "${name}" (worker-bundle.js:${line})`,
    ),
  ]
}
