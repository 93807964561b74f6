import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { makeImage } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtInScripts } from '../src/built-in-scripts.ts'
import { deleteInstance, makeInstance } from './make-instance.ts'
import { type Described, describeReal, writeRemotes } from './open-remotes.ts'
import { readPermissions } from './read-commands.ts'
import { type Ended, runProgram } from './start-command.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const isNode = process.versions.bun === undefined && !('deno' in process.versions)

/** A command line for each script that succeeds, or is refused by the server. Earlier ones make what later ones need. */
const commandLines: readonly (readonly [script: string, words: string, input?: string])[] = [
  ['import', '{file} main: --alias {id}/a'],
  ['list', 'main: {id}'],
  ['show', 'main:{id}/a'],
  ['info', 'main:{id}/a'],
  ['export', 'main:{id}/a {out}'],
  ['verify', 'main:{id}/a'],
  ['copy', 'main:{id}/a other: --copy-aliases'],
  ['edit', 'main:{id}/a', 'public: true\n'],
  ['set-property', 'main:{id}/a team web'],
  ['get-property', 'main:{id}/a team'],
  ['unset-property', 'main:{id}/a team'],
  ['alias-create', 'main:{id}/b {id}/a'],
  ['alias-list', 'main:'],
  ['alias-set', 'main:{id}/c {id}/a'],
  ['alias-rename', 'main:{id}/c {id}/d'],
  ['alias-delete', 'main:{id}/d'],
  ['secret', 'main:{id}/a'],
  ['refresh', 'main:{id}/a'],
  ['publish', 'main:{id} --alias {id}/p'],
  ['operation-list', 'main:'],
  ['operation-show', 'main:{nothing}'],
  ['operation-wait', 'main:{nothing}'],
  ['operation-cancel', 'main:{nothing}'],
  ['unused', 'main:'],
  ['doctor', 'main:'],
  ['remote-list', ''],
  ['trust-token', 'main:{id}'],
  ['remote-add', '{id} {token} --accept-certificate'],
  ['generate-metadata', '{out}/metadata.tar.xz --os Tiny --release 1'],
  ['delete', 'main:{id}/a main:{id}/p'],
]

/** The errors of scripts for which the server has no image or operation that would let them succeed. */
const refusals: Readonly<Record<string, RegExp>> = {
  refresh: /source not found/i,
  'operation-show': /not found/i,
  'operation-wait': /no longer knows it/,
  'operation-cancel': /not found/i,
}

test('each script has a test of its permissions', async () => {
  const names = commandLines.map(([script]) => script).sort()
  expect(names).toEqual(await builtInScripts().names())
})

const places = [
  ['deno, with exactly the permissions of docs/commands.md,', 'lxd'],
  ['deno, with exactly the permissions of docs/commands.md,', 'incus'],
  ['bun', 'lxd'],
  ['bun', 'incus'],
] as const

describe.each(places)('each script by itself, by %s on %s', (runtime, dialect) => {
  const id = `r${randomUUID().slice(0, 8)}`
  const cwd = mkdtempSync(join(tmpdir(), 'hk-allow-'))
  const clients: Client[] = []
  let environment: Record<string, string> = {}
  let permissions = new Map<string, string[]>()
  let token = ''
  let why: string | undefined

  beforeAll(async () => {
    const [main, other] = [describeReal(dialect), describeReal(dialect === 'lxd' ? 'incus' : 'lxd')]
    why = whyNot(main, other)
    if (why !== undefined || main === undefined || other === undefined) return
    const remotes = writeRemotes(cwd, { main, other })
    for (const name of ['main', 'other']) clients.push(await remotes.client(name))
    const { path } = await makeImage({ directory: cwd, name: id })
    mkdirSync(join(cwd, 'out'))
    environment = remotes.environment
    const config = ['INCUS_CONF', 'LXD_CONF', 'INCUS_GLOBAL_CONF'].map((name) => environment[name])
    permissions = readPermissions({
      CONFIG: config.join(','),
      SERVERS: [main, other].map(({ url }) => new URL(url).host).join(','),
      FILES: [path, 'main:'].join(','),
      FOLDER: join(cwd, 'out'),
    })
    await makeInstance(clients[0] as Client, path, id)
    token = (await run('trust-token', [`main:for-${id}`])).stdout.trim()
  })
  beforeEach((context) => {
    if (why !== undefined) context.skip(why)
  })
  afterAll(async () => {
    const [main] = clients
    if (main !== undefined) await deleteInstance(main, id)
    for (const client of clients) {
      for (const image of await client.images.list())
        if (image.properties.description?.includes(id)) await client.images.delete(image.fingerprint)
      client.close()
    }
    rmSync(cwd, { recursive: true, force: true })
  })
  const run = (
    script: string,
    words: readonly string[],
    input = '',
    allowed = permissions.get(script) ?? [],
    variables: Record<string, string> = {},
  ): Promise<Ended> =>
    runProgram(
      [
        ...(runtime === 'bun'
          ? [join(root, 'node_modules/.bin/bun'), '--conditions=@hyperkit/source', 'run']
          : [
              ...[join(root, 'node_modules/.bin/deno'), 'run', '--no-prompt'],
              ...['--conditions=@hyperkit/source', ...allowed],
            ]),
        ...[join(root, `scripts/${script}.ts`), ...words],
      ],
      {
        cwd,
        environment: { ...environment, ...variables, NO_COLOR: '1', DENO_DIR: join(cwd, 'deno') },
        input,
      },
    )
  const fill = (words: string): string[] =>
    words.split(' ').flatMap((word) =>
      word === ''
        ? []
        : word
            .replace('{id}', id)
            .replace('{file}', join(cwd, `${id}.tar.gz`))
            .replace('{out}', join(cwd, 'out'))
            .replace('{nothing}', randomUUID())
            .replace('{token}', token),
    )

  test.each(commandLines.map(([script, words, input = '']) => [script, words, input] as const))(
    'the script %s runs with the words %j',
    async (script, words, input) => {
      const { code, stdout, stderr } = await run(script, fill(words), input)
      expect(`${stdout}${stderr}`).not.toMatch(/NotCapable|Requires .* access/)
      const refusal = refusals[script]
      if (refusal === undefined) expect([code, stderr]).toEqual([0, expect.not.stringContaining('Cannot')])
      else expect([code, stderr]).toEqual([1, expect.stringMatching(refusal)])
    },
  )

  if (runtime !== 'bun')
    test('list reports that it needs the unix socket of a server that is reached through one', async () => {
      const { socket } = describeReal(dialect) ?? { socket: '' }
      const family = dialect.toUpperCase()
      const remote = dialect === 'lxd' ? 'lxc:local:' : 'incus:local:'
      const [env = '', read = ''] = permissions.get('list') ?? []
      const variables = ['INCUS_DIR', 'INCUS_SOCKET', 'LXD_DIR', 'LXD_SOCKET']
      const flags = [`--allow-write=${socket}`, `--allow-net=unix:${socket}`]
      const all = [[env, ...variables].join(), [read, socket].join(), ...flags]
      const tried = (allowed: string[]): Promise<Ended> =>
        run('list', [remote], '', allowed, { [`${family}_SOCKET`]: socket })
      expect(await tried(all)).toMatchObject({ code: 0, stderr: '' })
      for (const flag of [read, ...flags]) {
        expect(await tried(all.filter((one) => !one.startsWith(flag)))).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^Cannot .*Requires \w+ access to .*\n$/),
        })
      }
    })

  if (runtime !== 'bun')
    test.each([
      ['list', 'main:'],
      ['generate-metadata', '{out}/other.tar.xz --os Tiny --release 1'],
      ['remote-list', ''],
    ] as const)('the script %s needs each of its permissions', async (script, words) => {
      const allowed = permissions.get(script) ?? []
      const [env = '', ...others] = allowed
      const names = env.replace('--allow-env=', '').split(',')
      const fewer = [
        ...names.map((name) => [`--allow-env=${names.filter((one) => one !== name).join(',')}`, ...others]),
        ...others.map((one) => allowed.filter((flag) => flag !== one)),
      ]
      const codes = []
      for (const flags of fewer) codes.push([flags, (await run(script, fill(words), '', flags)).code])
      expect(codes.filter(([, code]) => code === 0)).toEqual([])
    })
})

function whyNot(main: Described | undefined, other: Described | undefined): string | undefined {
  if (!isNode) return 'it starts Deno itself, and is run once, on Node'
  return main === undefined || other === undefined
    ? 'HYPERKIT_SERVERS does not name an LXD and an Incus'
    : undefined
}
