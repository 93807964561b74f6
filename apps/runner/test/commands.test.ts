import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { describeArguments, globalArguments } from '@hyperkit/script/command'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInScripts } from '../src/built-in-scripts.ts'
import { manifestCommands } from '../src/run-cli.ts'
import { type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

let cwd: string
let server: OpenServer
let environment: Record<string, string>
let client: Client

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'hk-commands-'))
  server = await openEmbedded({ dialect: 'incus' })
  const remotes = writeRemotes(cwd, { main: server })
  environment = remotes.environment
  client = await remotes.client('main')
  const { path } = await makeImage({ directory: cwd, name: 'web' })
  const manifest = (servers: string): string =>
    `version: 1\nname: n\nservers: { ${servers} }\nimages: [{ name: web, source: { file: ${path} } }]\n`
  writeFileSync(join(cwd, 'images.yaml'), manifest('it: { remote: main }'))
  writeFileSync(
    join(cwd, 'half.yaml'),
    manifest('it: { remote: main }, down: { url: "https://127.0.0.1:1" }'),
  )
  writeFileSync(join(cwd, 'typo.yaml'), 'version: 1\nname: n\nserver: {}\n')
})
afterAll(async () => {
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

const run = (...words: string[]) => runHyperkit(words, { cwd, environment })
const lastDocument = (stdout: string) => JSON.parse(stdout) as { error?: { code: string; message: string } }

describe('the two tables of commands', () => {
  test('no name of a script is a name of a command of the reconciler', async () => {
    const names = [...(await builtInScripts().names()), ...manifestCommands.map(({ name }) => name)]
    const own = ['new', 'init', 'help', 'version', 'completion']
    expect([...names, ...own].filter((name, index, all) => all.indexOf(name) !== index)).toEqual([])
  })

  test('the table describes each command as the command itself does', async () => {
    for (const { name, description, load } of manifestCommands)
      expect([name, (await load()).default.description]).toEqual([name, description])
  })

  test('no help feeds the output of one command to another, which may act on another server', async () => {
    const scripts = builtInScripts()
    const names = [...(await scripts.names()), ...manifestCommands.map(({ name }) => name)]
    expect(names).toContain('unused')
    for (const name of names) {
      const { stdout } = await run('help', name)
      expect(stdout, name).toContain('Usage')
      expect(stdout, name).not.toMatch(/\$\(|`hyperkit|\| *xargs/)
    }
  })

  test('every global flag that a command redefines or refuses is listed in this test', async () => {
    const differing: string[] = []
    for (const { name, load } of manifestCommands) {
      const { args, declares = [], refuses = {} } = (await load()).default
      for (const flag of declares) differing.push(`${name} ${flag}: its own`)
      for (const flag of Object.keys(refuses)) differing.push(`${name} ${flag}: refused`)
      for (const { short, name: flag } of describeArguments(args))
        if (short === 'f') differing.push(`${name} -f: ${flag}`)
    }
    const files = ['validate', 'plan', 'apply', 'update', 'promote', 'prune', 'history', 'rollback', 'adopt']
    const named = [...files, 'force-unlock', 'watch', 'schema']
    expect(differing.sort()).toEqual(
      [
        ...[...files, 'force-unlock', 'watch', 'export-manifest'].map((name) => `${name} -f: --file`),
        ...named.flatMap((name) => [`${name} remote: refused`, `${name} project: refused`]),
        ...['remote', 'project'].map((flag) => `export-manifest ${flag}: its own`),
        ...['force-unlock', 'export-manifest'].map((name) => `${name} json: refused`),
      ].sort(),
    )
    expect(globalArguments.some(({ short }) => short === 'f')).toBe(false)
  })
})

describe('hyperkit runs the commands of the reconciler', () => {
  test('plan, apply, a second plan, and --dry-run in between, which changes nothing', async () => {
    const planned = await run('plan', '--detailed-exitcode')
    expect([planned.code, planned.stderr]).toEqual([2, ''])
    const dry = await run('apply', '--dry-run')
    expect([dry.code, dry.stdout]).toEqual([0, planned.stdout])
    expect(JSON.parse((await run('apply', '--dry-run', '--json')).stdout).format).toBe('hyperkit-plan')
    expect(await client.aliases.find('web')).toBeUndefined()

    const applied = await run('apply', '--yes', '-q')
    expect([applied.code, applied.stdout.split('\n').at(-2)]).toEqual([0, expect.stringContaining('Done:')])
    const rolled = await run('rollback', 'web', '--dry-run')
    expect([rolled.code, rolled.stderr]).toEqual([1, expect.stringContaining('Cannot roll back alias "web"')])
    expect((await run('export-manifest', '--remote', 'main')).stdout).toContain('name: web')
    expect((await run('plan', '--detailed-exitcode')).code).toBe(0)
  })

  test.each([
    [['plan', '--remote', 'main'], 'this command does not take "--remote": the manifest names the servers'],
    [
      ['apply', '--project', 'p', '--yes'],
      'this command does not take "--project": the manifest names the project',
    ],
    [['force-unlock', '--json', '--yes'], 'this command does not take "--json"'],
    [['plan', '--out', 'p.json', '--dry-run'], '"--dry-run" writes nothing'],
    [['export-manifest', '--remote', 'main', '--out', 'm.yaml', '--dry-run'], '"--dry-run" writes nothing'],
    [['plna'], 'unknown command "plna"; did you mean "plan"?'],
    [['lis'], 'unknown command "lis"; did you mean "list"?'],
    [['plan', '--lock-timeout', '60s'], 'unknown flag "--lock-timeout"'],
  ])('hyperkit %j is refused', async (words, sentence) => {
    const { code, stdout, stderr } = await run(...words)
    expect([code, words.includes('--json') ? '' : stdout]).toEqual([1, ''])
    expect(stderr).toContain(sentence)
  })

  test.each(['90', '60s', '1.5m', '1h30m'])('--lock-timeout %s is a duration', async (duration) => {
    expect((await run('apply', '--dry-run', '--lock-timeout', duration)).code).toBe(0)
  })

  test('--debug reports each request with its time, and no secret', async () => {
    const { code, stderr } = await run('plan', '--debug')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^main: GET \/1\.0 200 \d+ ms$/m)
    expect((await run('list', '-v', '--remote', 'main')).stderr).toMatch(
      /^main: GET \/1\.0\/images\?recursion=1 200 \d+ ms$/m,
    )
  })

  test('an image named "manifest" is exported by its name', async () => {
    const { code, stderr } = await run('export', 'manifest', '--remote', 'main')
    expect([code, stderr]).toEqual([1, expect.stringContaining('image "manifest"')])
  })
})

describe('with --json a failure is an error document at the end of stdout', () => {
  test('a usage error of every command prints an error document with --json', async () => {
    const names = [...(await builtInScripts().names()), ...manifestCommands.map(({ name }) => name)]
    for (const name of names) {
      const { code, stdout } = await run(name, '--no-such-flag', '--json')
      expect([name, code, lastDocument(stdout).error?.code]).toEqual([name, 1, 'usage'])
    }
    for (const words of [['nosuch'], ['--no-such'], []])
      expect(lastDocument((await run(...words, '--json')).stdout).error?.code).toBe('usage')
  })

  test.each([
    [['plan', 'typo.yaml'], 'invalid-configuration'],
    [['plan', 'none.yaml'], 'file-unreadable'],
    [['plan', 'half.yaml'], 'unreachable'],
    [['apply', 'half.yaml', '--yes'], 'unreachable'],
    [['history', '-f', 'half.yaml'], 'unreachable'],
    [['apply', '-f', 'half.yaml', '--dry-run'], 'unreachable'],
    [['adopt', 'nosuch'], 'invalid-argument'],
    [['show', 'nosuch', '--remote', 'main'], 'not-found'],
    [['list', '--remote', 'nosuch'], 'invalid-argument'],
    [['export-manifest', '--remote', 'nosuch'], 'usage'],
  ])('hyperkit %j ends with the error code %s', async (words, code) => {
    const result = await run(...words, '--json')
    const { error } = lastDocument(result.stdout)
    expect([result.code, error?.code]).toEqual([1, code])
    expect(error?.message).not.toBe('')
  })

  test('a printed result keeps its format and has the error beside it', async () => {
    const { stdout } = await run('plan', 'half.yaml', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'hyperkit-plan',
      servers: [
        { name: 'it', status: 'planned' },
        { name: 'down', status: 'unread' },
      ],
      error: { code: 'unreachable', message: expect.stringContaining('Cannot read server "down"') },
    })
  })
})
