import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { makeImage } from '@hyperkit/conformance'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit, startHyperkit } from './start-command.ts'

const isDeno = 'deno' in process.versions
const isNode = process.versions.bun === undefined && !isDeno
let home: string
let cwd: string
let server: OpenServer
let environment: Record<string, string>
let fingerprint: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'hk-own-'))
  server = await openEmbedded({ dialect: 'incus' })
  const remotes = writeRemotes(home, { main: server })
  environment = remotes.environment
  const { path } = await makeImage({ directory: home, name: 'seen' })
  fingerprint = (await uploadImage(await remotes.client('main'), path)).fingerprint
})
afterAll(async () => {
  await server.close()
  rmSync(home, { recursive: true, force: true })
})
beforeEach(() => {
  cwd = mkdtempSync(join(home, 'work-'))
})

const write = (path: string, text: string): void => {
  mkdirSync(join(cwd, path, '..'), { recursive: true })
  writeFileSync(join(cwd, path), text)
}
const run = (...args: string[]): Promise<Ended> => runHyperkit(args, { cwd, environment })
const script = (body: string, more = ''): string =>
  `export default ({ defineScript, v, UsageError }) => defineScript({ description: 'Mine', ${more} async run({ client, args, print, log, change, signal }) { ${body} } })\n`

test('new writes a script that runs at once', async () => {
  const written = await run('new', 'big')
  expect(written).toMatchObject({ code: 0, stderr: '' })
  const [file = ''] = readdirSync(cwd)
  expect(written.stdout).toBe(`Wrote ${file}. Run it: hyperkit ./${file} --min-size 1\n`)
  const ran = await run(`./${file}`, '--min-size', '0')
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toMatch(new RegExp(`^${fingerprint.slice(0, 12)}  `, 'm'))
  expect((await run('new', 'big')).stderr).toContain('exists already')
})

test('a script is read from stdin', async () => {
  const input = script(
    "print('as ' + args.name)",
    "args: v.object({ name: v.optional(v.string(), 'nobody') }),",
  )
  const { ended } = await startHyperkit(['-', '--name', 'me'], { cwd, environment, input })
  expect(await ended).toEqual({ code: 0, stdout: 'as me\n', stderr: '' })
})

test('a script anywhere can import the packages if the runtime allows hooks', async () => {
  write(
    'own.mjs',
    "import { defineScript } from '@hyperkit/script'\nexport default defineScript({ description: 'd', run: ({ print }) => print('ran') })\n",
  )
  const { code, stdout, stderr } = await run('./own.mjs')
  if (isDeno) {
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(
      '"./own.mjs" imports "@hyperkit/script", which is not installed there; install it',
    )
  } else expect([code, stdout, stderr]).toEqual([0, 'ran\n', ''])
})

test('a TypeScript script runs if the runtime supports it, and is otherwise refused with the runtimes that do', async () => {
  write('own.ts', script('const n: number = 7; print(String(n))'))
  const { code, stdout, stderr } = await run('./own.ts')
  if (isNode && !('typescript' in process.features)) {
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('"./own.ts" is TypeScript, which Node')
    expect(stderr).toContain('use Bun, Deno, Node 22.18 or newer')
  } else expect([code, stdout, stderr]).toEqual([0, '7\n', ''])
})

test.each(['hyperkit.config.json', 'hyperkit.config.mjs'])('%s names folders of scripts', async (file) => {
  const content = '{ "scripts": "./ops" }'
  write(file, file.endsWith('json') ? content : `export default ${content}`)
  write('ops/big-images.mjs', script("print('mine')"))
  expect(await run('big-images')).toEqual({ code: 0, stdout: 'mine\n', stderr: '' })
  expect((await run('--list')).stdout).toMatch(/^big-images +Mine$/m)
  expect((await run('big-imags')).stderr).toContain('did you mean "big-images"?')
})

test('code of a folder does not run for a list, help, a completion or a typing error', async () => {
  const evil = "import { writeFileSync } from 'node:fs'\nwriteFileSync('ran', '')\n"
  write('ops/big-images.mjs', `${evil}${script("print('mine')")}`)
  write(
    'hyperkit.config.ts',
    "// ours\nimport type { Config } from './config.ts'\nexport default { scripts: './ops' } satisfies Config;\n",
  )
  for (const words of [['--list'], ['--help'], ['--complete', 'big-images', '--'], ['big-imags']])
    expect(await run(...words)).toMatchObject({ code: words[0] === 'big-imags' ? 1 : 0 })
  write('hyperkit.config.ts', `${evil}export default { scripts: './ops' }\n`)
  expect((await run('--list')).stdout).toContain('alias-list')
  expect((await run('big-images')).stderr).toContain('it must be a literal')
  expect(readdirSync(cwd)).not.toContain('ran')
})

test('a script does not run by its name if it, or the file that names it, belongs to somebody else', async (context) => {
  if (process.geteuid?.() !== 0) return context.skip('only root can give files away')
  write('hyperkit.config.json', '{ "scripts": "./ops" }')
  write('ops/big-images.mjs', script("print('mine')"))
  for (const path of ['hyperkit.config.json', 'ops/big-images.mjs']) {
    chownSync(join(cwd, path), 65534, 65534)
    const { code, stdout, stderr } = await run('big-images')
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining('belongs to another user')])
    chownSync(join(cwd, path), 0, 0)
  }
})

test('a configuration above the home folder is not read', async () => {
  write('hyperkit.config.json', '{ "scripts": "./ops" }')
  write('ops/big-images.mjs', script("print('mine')"))
  mkdirSync(join(cwd, 'home/work'), { recursive: true })
  const own = { cwd: join(cwd, 'home/work'), environment: { ...environment, HOME: join(cwd, 'home') } }
  expect((await runHyperkit(['big-images'], own)).stderr).toContain('unknown command "big-images"')
})

test.each([
  ['hyperkit.config.mjs', 'export default {\n  scripts: "./x",,\n}\n', 'hyperkit.config.mjs:2:18: '],
  ['hyperkit.config.json', '{\n  "scripts": [\n}\n', 'hyperkit.config.json:3:1: '],
  [
    'hyperkit.config.mjs',
    'export default { script: "./x" }\n',
    'unknown key "script"; did you mean "scripts"?',
  ],
  ['hyperkit.config.mjs', 'export const a = 1\n', 'it must be a literal'],
  ['hyperkit.config.mjs', 'export default { scripts: [join("a", "b")] }\n', 'hyperkit.config.mjs:1:'],
])('a mistake in %s is reported with its place', async (file, text, sentence) => {
  write(file, text)
  const { code, stdout, stderr } = await run('big-images')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(sentence)
  // Built-in commands do not depend on the configuration.
  expect((await run('list', '-c', 'F', '-f', 'csv')).stdout).toBe(`${fingerprint}\n`)
})

test('the error of a script that throws is reported with its place', async () => {
  write('own.mjs', script('null.x'))
  const { code, stdout, stderr } = await run('./own.mjs')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^Cannot finish "hyperkit \.\/own\.mjs": TypeError: .*\n.*own\.mjs:1/)
})

test('a script that hangs is ended by --timeout', async () => {
  write('own.mjs', script('await new Promise(() => setInterval(() => {}, 1000))'))
  const { code, stderr } = await run('./own.mjs', '--timeout', '100ms')
  expect(code).toBe(1)
  expect(stderr).toContain('it took longer than the 0.1 s that --timeout allows')
})

test('a command exits with the exit code of its script', async () => {
  write('exits.mjs', script('process.exit(7)'))
  write('returns.mjs', script('return 9'))
  write('leaves.mjs', script("setInterval(() => {}, 1000); print('done')"))
  expect((await run('./exits.mjs')).code).toBe(7)
  expect((await run('./returns.mjs')).code).toBe(9)
  expect(await run('./leaves.mjs')).toEqual({ code: 0, stdout: 'done\n', stderr: '' })
})

test('--dry-run lists a changing call and ends the script there, without a result', async () => {
  const body =
    "log('before'); await client.aliases.create('x', { target: args.target }); log('after'); print('created')"
  write('own.mjs', script(body, 'args: v.object({ target: v.string() }),'))
  const text = await run('./own.mjs', '--target', fingerprint, '--dry-run')
  expect(text.code).toBe(0)
  expect(text.stderr).toBe('before\n')
  expect(text.stdout).toMatch(/^would send to main: POST \/1\.0\/images\/aliases\n {2}\{"name":"x",.*\}\n$/)
  const json = await run('./own.mjs', '--target', fingerprint, '--dry-run', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({
    format: 'hyperkit-dry-run',
    calls: [
      {
        server: 'main',
        method: 'POST',
        path: '/1.0/images/aliases',
        body: { name: 'x', target: fingerprint },
      },
    ],
  })
})

test('control characters in names from a server do not reach a terminal', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e'
  write(
    'own.mjs',
    script(
      `print(${JSON.stringify(evil)}); log(${JSON.stringify(evil)}); throw new UsageError(${JSON.stringify(evil)})`,
    ),
  )
  const { stdout, stderr } = await run('./own.mjs')
  const shown = '\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u202e'
  expect(stdout).toBe(`${shown}\n`)
  expect(stderr).toBe(`${shown}\nCannot run "hyperkit ./own.mjs": ${shown}\n`)
})

test('a reader that closes its pipe early causes no error', async () => {
  write('own.mjs', script("for (let i = 0; i < 20000; i++) print('line ' + i)"))
  const { child, ended, shows } = await startHyperkit(['./own.mjs'], { cwd, environment })
  await shows('line 0')
  child.stdout?.destroy()
  const { code, stderr } = await ended
  expect([code, stderr]).toEqual([0, ''])
})

test.each([
  [['lst'], 'unknown command "lst"; did you mean "list"?'],
  [['list', '--fromat', 'json'], 'unknown flag "--fromat"; did you mean "--format"?'],
  [['list', '-f', 'jsn'], '"--format" cannot be "jsn": unknown format; did you mean "json"?'],
  [['list', '--format'], '"--format" needs a value'],
  [['list', '--timeout', 'soon'], '"--timeout" cannot be "soon"'],
  [['list', '-c', 'lX'], 'there is no column "X"'],
  [['show'], '<image> is missing'],
  [['export', 'a', 'b', 'c'], 'unexpected argument "c": this command takes at most 2 arguments'],
  [['list', '--remote', 'mian'], 'there is no such remote'],
  [['./none.mjs'], 'there is no file "./none.mjs"'],
])('hyperkit %j is refused before anything is done', async (args, sentence) => {
  const { code, stdout, stderr } = await run(...args)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(sentence)
})

test('help lists arguments, flags and exit codes on stdout', async () => {
  const { code, stdout, stderr } = await run('export', '--help')
  expect([code, stderr]).toEqual([0, ''])
  for (const words of [
    'hyperkit export [remote:]<image> [<target>] [flags]',
    '--vm',
    '--dry-run',
    '130 and 143',
  ])
    expect(stdout).toContain(words)
})
