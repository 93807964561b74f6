// Builds `hyperkit` as a single file with no dependencies, for this machine or another one:
// `npm run executable [-- --out dist/hyperkit] [--target bun-linux-arm64]`, after `npm run build`. It starts in half the time of the package.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compileOptions } from './packaging/compile-options.ts'
import { runTool } from './packaging/run-tool.ts'

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist/hyperkit' }, target: { type: 'string' } },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const runner = join(root, 'apps/runner')
const require = createRequire(join(runner, 'package.json'))
const out = resolve(root, values.out)
const names = readdirSync(join(root, 'scripts/dist'))
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -'.js'.length))
const { version } = JSON.parse(readFileSync(join(runner, 'package.json'), 'utf8')) as { version: string }
// The modules that the user's scripts import; the executable cannot find them on disk.
const packages = [
  ...['script', 'core', 'connect', 'files', 'terminal'].map((name) => `@hyperkit/${name}`),
  'valibot',
]

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-executable-'))
try {
  const entry = join(folder, 'hyperkit.js')
  const loads = (list: readonly string[], path: (name: string) => string): string =>
    list.map((name) => `  ${JSON.stringify(name)}: () => import(${JSON.stringify(path(name))}),`).join('\n')
  writeFileSync(
    entry,
    `import { runCli } from ${JSON.stringify(join(runner, 'dist/run-cli.js'))}
const scripts = {
${loads(names, (name) => join(root, 'scripts/dist', `${name}.js`))}
}
const packages = {
${loads(packages, (name) => require.resolve(name))}
}
const builtIn = {
  names: async () => Object.keys(scripts).sort(),
  load: async (name) => (Object.hasOwn(scripts, name) ? (await scripts[name]()).default : undefined),
}
process.exit(await runCli(process.argv.slice(2), { builtIn, packages, version: ${JSON.stringify(version)} }))
`,
  )
  const target = values.target === undefined ? [] : [`--target=${values.target}`]
  const options = [...compileOptions, ...target, `--outfile=${out}`]
  const result = runTool(process.execPath, ['build', ...options, entry], { cwd: root })
  if (!result.ok) throw new Error(`Cannot build the executable: bun said ${result.output}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

// An executable for this machine is tried at once.
if (values.target === undefined) {
  const listed = runTool(out, ['--list'], { cwd: tmpdir() })
  const found = listed.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0])
  const missing = names.filter((name) => !found.includes(name))
  if (!listed.ok || missing.length > 0)
    throw new Error(`Cannot use "${out}": it does not list ${missing.join(', ')}; ${listed.output}`)
}
console.log(`${out}: ${(statSync(out).size / 2 ** 20).toFixed(0)} MiB, ${names.length} scripts`)
