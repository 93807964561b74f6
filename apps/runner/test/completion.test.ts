// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts contain such expansions
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeImage } from '@hyperkit/conformance'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { hyperkitCommand, runHyperkit } from './start-command.ts'

let cwd: string
let server: OpenServer
let environment: Record<string, string>

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'hk-complete-'))
  server = await openEmbedded({ dialect: 'incus' })
  const down = { ...server, url: 'https://127.0.0.1:1' }
  const remotes = writeRemotes(cwd, { main: server, down })
  environment = remotes.environment
  const client = await remotes.client('main')
  const { path } = await makeImage({ directory: cwd, name: 'seen' })
  await uploadImage(client, path, { aliases: ['alpine/edge', 'seen', "evil'$(touch owned)"] })
})
afterAll(async () => {
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined
const offered = async (...words: string[]): Promise<string[]> => {
  const { stdout } = await runHyperkit(['--complete', ...words], { cwd, environment })
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']))
}

test.each([
  [['lis'], ['list']],
  [['alias', 'l'], ['list']],
  [['image', 'alias-l'], ['alias-list']],
  [['list', '--col'], ['--columns']],
  [['list', '--remote', 'm'], ['main']],
  [['list', '--remote=d'], ['--remote=down']],
  [['list', 'ma'], ['main:']],
  [['show', 'alp'], ['alpine/edge']],
  [['show', 'main:s'], ['main:seen']],
  [['show', 'down:s'], []],
  [['--remote', 'main', 'show', 'alp'], ['alpine/edge']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['import', ''], [':files']],
  [['./o'], [':files']],
])('completion after %j offers %j', async (words, expected) => {
  expect((await offered(...words)).sort()).toEqual([...expected].sort())
})

test('completion does not offer a name that a shell would interpret', async () => {
  expect((await offered('show', '')).filter((word) => word.includes('evil'))).toEqual([])
})

test('bash offers what the command prints, even after a colon', async (context) => {
  if (!has('bash')) return context.skip('there is no bash here')
  const script = join(cwd, 'completion.bash')
  writeFileSync(script, (await runHyperkit(['completion', 'bash'], { cwd, environment })).stdout)
  const quoted = (await hyperkitCommand()).map((word) => `'${word}'`).join(' ')
  const complete = async (line: string): Promise<string[]> => {
    const text = `hyperkit() { ${quoted} "$@"; }; compopt() { :; }; source "$1"; COMP_LINE="$2"; COMP_POINT=\${#COMP_LINE}; _hyperkit; printf "%s\\n" "\${COMPREPLY[@]}"`
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', text, 'bash', script, line], {
      cwd,
      env: { ...process.env, ...environment },
    })
    return stdout.trim().split('\n')
  }
  expect(await complete('hyperkit sho')).toEqual(['show'])
  expect(await complete('hyperkit show alp')).toEqual(['alpine/edge'])
  expect(await complete('hyperkit show main:alp')).toEqual(['alpine/edge'])
  expect(await complete('hyperkit import completion.b')).toEqual(['completion.bash'])
})

test.each(['zsh', 'fish'])('the completion script for %s can be parsed by the shell', async (shell) => {
  const { code, stdout } = await runHyperkit(['completion', shell], { cwd, environment })
  expect(code).toBe(0)
  expect(stdout).toContain('hyperkit --complete')
  if (!has(shell)) return console.info(`there is no ${shell} here, its script was not read`)
  const file = join(cwd, `completion.${shell}`)
  writeFileSync(file, stdout)
  expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

test('completion for other shells is refused', async () => {
  const { code, stderr } = await runHyperkit(['completion', 'bsh'], { cwd, environment })
  expect([code, stderr]).toEqual([1, expect.stringContaining('bash, zsh, fish; did you mean "bash"?')])
})
