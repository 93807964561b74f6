// The command `hyperkit` as few files: `bun run tools/bundle-runner.ts`, which the runner's build does. A file for
// each module takes Bun three times as long to load, and Node four times.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from './packaging/run-tool.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'apps/runner/dist')
const command = join(dist, 'command')

rmSync(command, { recursive: true, force: true })
mkdirSync(command)
// Stand-ins for the scripts, so that they lie in `scripts/` beside the command.
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
// `ws` stays outside: it is loaded for events only, and differs between the runtimes.
const options = ['--target=node', '--splitting', '--minify', '--external=ws', `--root=${staged}`]
// Tells Bun that there is nothing left to transpile, which it would do at every start.
const banner = '--banner=// @bun'
const result = runTool(process.execPath, ['build', ...options, banner, `--outdir=${command}`, ...entries], {
  cwd: root,
})
if (!result.ok) {
  console.error(result.output)
  process.exit(1)
}

// What the packages in it ask of those who pass them on.
const notices = ['@valibot/to-json-schema', 'croner', 'ky', 'oauth4webapi', 'valibot', 'yaml'].map((name) => {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`Cannot bundle "${name}": it has no licence`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
})
writeFileSync(join(command, 'LICENSES.txt'), notices.join('\n---\n\n'))
