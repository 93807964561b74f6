import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createImageServer } from '@hyperkit/embedded'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { runTool } from '../packaging/run-tool.ts'
import { findNodes } from '../testing/nodes.ts'
import { programNames } from './programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hk-bundle-'))
const cwd = join(folder, 'here')
// Only Node lists the files that it has loaded, and the bundle is the same for all runtimes.
const isNode = process.versions.bun === undefined && !('deno' in process.versions)
const why = 'what a bundle loads is seen on Node only'

beforeAll(() => {
  if (!isNode) return
  mkdirSync(cwd)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  for (const name of programNames) {
    const args = [
      '--conditions=@hyperkit/source',
      'run',
      'tools/bundle-commands.ts',
      name,
      join(folder, name),
    ]
    const built = runTool(join(root, 'node_modules/.bin/bun'), args, { cwd: root })
    if (!built.ok) throw new Error(built.output)
  }
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  stdout: string
  /** The files of the bundle that were loaded. */
  loaded: string[]
}

function run(line: string, { node = process.execPath, environment = {}, directory = cwd } = {}): Run {
  const [name = '', ...words] = line.split(' ')
  const seen = mkdtempSync(join(folder, 'seen-'))
  const env = { NODE_V8_COVERAGE: seen, XDG_CACHE_HOME: join(folder, 'cache'), ...environment }
  const given = Object.entries(env).map(([key, value]) => `${key}=${value}`)
  const { stdout, ok, output } = runTool(
    '/usr/bin/env',
    [...given, node, join(folder, name, `${name}.js`), ...words],
    { cwd: directory },
  )
  if (!ok) throw new Error(output)
  return {
    stdout,
    loaded: readdirSync(seen).flatMap((file) => filesOf(readFileSync(join(seen, file), 'utf8'))),
  }
}

function filesOf(coverage: string): string[] {
  const { result } = JSON.parse(coverage) as { result: { url: string }[] }
  return result.flatMap(({ url }) => (url.startsWith('file:') ? [basename(fileURLToPath(url))] : [])).sort()
}

/** What starts, and finds out what was asked for. */
const always = (name: string): string[] => [
  `${name}.js`,
  `_program_${name}.js`,
  'front.js',
  'keep-compiled-code.js',
]

test.for([
  ['hyperkit --help'],
  ['hyperkit --list'],
  ['hyperkit --version'],
  ['hyperkit list --help', 'list.js'],
  ['hyperkit help image alias list', 'alias-list.js'],
  ['hyperkit export-manifest -h', 'export-manifest.js'],
  ['hyperkit completion bash', 'completion.js', 'render-completion.js'],
  ['hyperkit --complete lis', 'complete.js', 'completion.js'],
  ['hyperkit --complete list --col', 'complete.js', 'completion.js', 'list.js'],
  ['hyperkit-reconcile --help'],
  ['hyperkit-reconcile apply --help', 'apply.js'],
  ['hyperkit-reconcile --complete plan --', 'complete.js', 'completion.js', 'plan.js'],
])('"%s" loads nothing but what was written down of it', ([line = '', ...needed], context) => {
  if (!isNode) return context.skip(why)
  const [name = ''] = line.split(' ')
  const { stdout, loaded } = run(line)
  expect(stdout).not.toBe('')
  expect(loaded).toEqual([...always(name), ...needed].sort())
})

test.for(['hyperkit list', 'hyperkit export-manifest', 'hyperkit-reconcile apply'])(
  'the help of "%s" that was written down is the help that the command would print itself',
  (line, context) => {
    if (!isNode) return context.skip(why)
    // With a flag before the name the command is loaded.
    const [name = '', command = ''] = line.split(' ')
    const itself = run(`${name} --quiet ${command} --help`)
    expect(itself.loaded).toContain('run.js')
    expect(run(`${line} --help`).stdout).toBe(itself.stdout)
  },
)

test('help that has other characters than ASCII is the same on Bun, which reads the files of a bundle as Latin-1', (context) => {
  if (!isNode) return context.skip(why)
  const program = join(folder, 'hyperkit/hyperkit.js')
  const onBun = runTool(join(root, 'node_modules/.bin/bun'), [program, 'export', '--help'], { cwd })
  expect(onBun.stdout).toContain('"meta-…"')
  expect(onBun.stdout).toBe(run('hyperkit export --help').stdout)
})

test('a list on Node loads neither the fetch of Node nor what changes images', async (context) => {
  if (!isNode) return context.skip(why)
  const socket = join(folder, 'lxd.socket')
  const server = createImageServer({ dialect: 'lxd-5.0' })
  await server.listen({ socket })
  onTestFinished(() => server.close())
  const noter = join(folder, 'note-modules.cjs')
  writeFileSync(
    noter,
    'process.on("exit", () => require("node:fs").writeFileSync(process.env.NOTES, process.moduleLoadList.join("\\n")))',
  )
  const [seen, notes] = [mkdtempSync(join(folder, 'seen-')), join(folder, 'modules.txt')]
  const program = join(folder, 'hyperkit/hyperkit.js')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', noter, program, 'list', '--remote', 'lxc:local'],
    { cwd, env: { ...process.env, NODE_V8_COVERAGE: seen, NOTES: notes, HOME: folder, LXD_SOCKET: socket } },
  )
  expect(stdout).toContain('FINGERPRINT')
  const modules = readFileSync(notes, 'utf8').split('\n')
  expect(modules).toContain('NativeModule http')
  for (const costly of ['internal/deps/undici/undici', 'tls', 'crypto', 'zlib', 'http2'])
    expect(modules).not.toContain(`NativeModule ${costly}`)
  const loaded = readdirSync(seen).flatMap((file) => filesOf(readFileSync(join(seen, file), 'utf8')))
  expect(loaded).toContain('run.js')
  expect(loaded).not.toContain('verbs.js')
})

test("the user's own scripts are listed and completed beside what was written down", (context) => {
  if (!isNode) return context.skip(why)
  const directory = join(folder, 'own')
  mkdirSync(join(directory, 'ops'), { recursive: true })
  writeFileSync(join(directory, 'hyperkit.config.json'), '{ "scripts": "./ops" }')
  writeFileSync(join(directory, 'ops/count-all.mjs'), 'export default { description: "Count all of them" }')
  for (const line of ['hyperkit --help', 'hyperkit --list', 'hyperkit --complete count'])
    expect(run(line, { directory }).stdout).toMatch(/count-all\s+Count all of them/)
})

test('Node keeps the compiled code of a command in the cache of the user', (context) => {
  if (!isNode) return context.skip(why)
  const node = findNodes().at(-1)?.command
  if (node === undefined) return context.skip('no Node that can keep compiled code is installed')
  const environment = { XDG_CACHE_HOME: join(folder, 'compiled') }
  const kept = join(folder, 'compiled/hyperkit/compile')
  run('hyperkit --help', { node, environment })
  expect(existsSync(kept) && readdirSync(kept)).toHaveLength(1)
  // Coverage makes Node leave the cache alone, so what it saves is seen by the bench only.
})
