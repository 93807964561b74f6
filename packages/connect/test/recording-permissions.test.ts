import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { until } from './open-transport.ts'
import { echo, serveHttp } from './serve.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = fileURLToPath(new URL('./ask-lab.ts', import.meta.url))
// What reading a client's configuration takes, and the packages `yaml` and `ws` at their start.
const needed = [
  ...['HYPERKIT_REMOTE', 'XDG_CONFIG_HOME', 'HOME'],
  ...['INCUS_CONF', 'INCUS_GLOBAL_CONF', 'INCUS_REMOTE', 'INCUS_PROJECT'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy',
  ],
  ...['LOG_TOKENS', 'LOG_STREAM', 'WS_NO_BUFFER_UTIL', 'WS_NO_UTF_8_VALIDATE'],
]

test('Deno asks for nothing more because of recordings, and records where it is permitted', async () => {
  const { url } = await until(serveHttp(echo))
  const folder = await mkdtemp(join(tmpdir(), 'hyperkit-deno-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(
    join(folder, 'config.yml'),
    `default-remote: lab\nremotes:\n  lab:\n    addr: ${url}\n    protocol: incus\n    public: true\n`,
  )
  const run = async (variables: readonly string[]): Promise<string> => {
    const permissions = ['--allow-read', '--allow-write', '--allow-net', `--allow-env=${variables}`]
    const args = ['run', '--no-prompt', '--no-check', ...permissions, '--conditions=@hyperkit/source']
    const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/deno'), [...args, program], {
      cwd: root,
      env: { ...process.env, INCUS_CONF: folder, HYPERKIT_RECORD: join(folder, 'tapes') },
    })
    return stdout.trim()
  }
  // What answers is no server of ours; that it was reached is enough.
  expect(await run(needed)).toBe('unexpected-answer')
  expect(await readdir(folder)).not.toContain('tapes')
  expect(await run([...needed, 'HYPERKIT_RECORD'])).toBe('unexpected-answer')
  expect(await readdir(join(folder, 'tapes'))).toHaveLength(1)
})
