// Builds `hyperkit` and `hyperkit-reconcile` as one file that contains Bun, for this machine or another one: `npm run executable
// [-- --out dist/hyperkit] [--target bun-linux-arm64]`. It is the command by whose name it is called, so the other one is a link to
// it. A package for a system takes that file and makes the link.
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleProgram } from './bundle/bundle-program.ts'
import { executableSource, programNames } from './bundle/programs.ts'
import { compileOptions } from './packaging/compile-options.ts'
import { runTool } from './packaging/run-tool.ts'
import { tryExecutable } from './packaging/try-executable.ts'

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist/hyperkit' }, target: { type: 'string' } },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const out = resolve(root, values.out)
mkdirSync(dirname(out), { recursive: true })

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-executable-'))
try {
  const entry = { name: 'executable', source: executableSource(root) }
  await bundleProgram({ entry, programs: programNames, folder: join(folder, 'bundle') })
  const target = values.target === undefined ? [] : [`--target=${values.target}`]
  const options = [...compileOptions, ...target, `--outfile=${out}`]
  // In a folder of its own, so that nothing of this one decides how it is built.
  const result = runTool(process.execPath, ['build', ...options, join(folder, 'bundle/executable.js')], {
    cwd: root,
  })
  if (!result.ok) throw new Error(`Cannot build the executable: bun said ${result.output}`)
  // An executable for this machine is tried at once, by both of its names.
  if (values.target === undefined) {
    for (const name of programNames) symlinkSync(out, join(folder, name))
    tryExecutable(folder)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${out}: ${(statSync(out).size / 2 ** 20).toFixed(0)} MiB, ${programNames.join(' and ')}`)
