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
// The variables that reading a client's configuration needs, and that the packages `yaml` and `ws` read when they are loaded.
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

test('recordings need no further permission on Deno, and are made if the permission is there', async () => {
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
  // The server that answers has no API; it is enough that it was reached.
  expect(await run(needed)).toBe('unexpected-answer')
  expect(await readdir(folder)).not.toContain('tapes')
  expect(await run([...needed, 'HYPERKIT_RECORD'])).toBe('unexpected-answer')
  expect(await readdir(join(folder, 'tapes'))).toHaveLength(1)
})
