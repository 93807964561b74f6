// Bundles the command `hyperkit` into a few files: `bun run tools/bundle-runner.ts`, which the runner's build runs. With one
// file for each module, Bun takes three times as long to load it, and Node four times.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from './packaging/run-tool.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'apps/runner/dist')
const command = join(dist, 'command')

rmSync(command, { recursive: true, force: true })
mkdirSync(command)
// Small files that re-export the scripts, so that `scripts/` is beside the command.
const staged = join(root, 'apps/runner/.results/staged')
rmSync(staged, { recursive: true, force: true })
mkdirSync(join(staged, 'scripts'), { recursive: true })
const names = readdirSync(join(root, 'scripts/dist')).filter((file) => file.endsWith('.js'))
const scripts = names.map((file) => join(staged, 'scripts', file))
for (const file of names)
  writeFileSync(
    join(staged, 'scripts', file),
    `export { default } from '@hyperkit/scripts/${file.replace(/\.js$/, '')}'\n`,
  )
writeFileSync(join(staged, 'main.js'), "import '../../dist/main.js'\n")
const entries = [join(staged, 'main.js'), ...scripts]
// `ws` is not bundled, because it is loaded for events only, and differs between the runtimes.
const options = ['--target=node', '--splitting', '--minify', '--external=ws', `--root=${staged}`]
// Marks the files as transpiled; otherwise Bun would transpile them at every start.
const banner = '--banner=// @bun'
const result = runTool(process.execPath, ['build', ...options, banner, `--outdir=${command}`, ...entries], {
  cwd: root,
})
if (!result.ok) {
  console.error(result.output)
  process.exit(1)
}

// The licences of the bundled packages require that their texts are included.
const notices = ['@valibot/to-json-schema', 'croner', 'ky', 'oauth4webapi', 'valibot', 'yaml'].map((name) => {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`Cannot bundle "${name}": it has no licence`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
})
writeFileSync(join(command, 'LICENSES.txt'), notices.join('\n---\n\n'))
