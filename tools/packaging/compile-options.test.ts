import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { compileOptions } from './compile-options.ts'
import { runTool } from './run-tool.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-compiled-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const bun = fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url))

test('an executable runs and reads nothing of the directory that the user stands in', () => {
  const entry = join(folder, 'entry.js')
  writeFileSync(
    entry,
    `console.log(JSON.stringify({ planted: process.env.PLANTED, evil: globalThis.evil }))
await import(process.cwd() + '/own.ts')\n`,
  )
  const out = join(folder, 'program')
  const built = runTool(bun, ['build', ...compileOptions, `--outfile=${out}`, entry], { cwd: folder })
  expect(built.ok, built.output).toBe(true)

  const strange = join(folder, 'strange')
  mkdirSync(strange)
  const plant = (name: string, text: string): void => writeFileSync(join(strange, name), text)
  plant('evil.ts', 'globalThis.evil = "ran"')
  plant('bunfig.toml', 'preload = ["./evil.ts"]\n')
  plant('.env', 'PLANTED=yes\n')
  plant('tsconfig.json', '{ "compilerOptions": { "paths": { "node:os": ["./evil.ts"] } } }')
  plant('package.json', '{ "type": "module", "imports": { "#x": "./evil.ts" } }')
  // A script that the user names still runs.
  plant('own.ts', 'import "node:os"; const n: number = 7; console.log(n, globalThis.evil)\n')
  expect(runTool(out, [], { cwd: strange }).stdout).toBe('{}\n7 undefined\n')
})
