import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand, startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-command-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
const run = (...args: string[]) => runCommand(args, { cwd })

describe('without any server', () => {
  beforeAll(() => {
    write(
      'ok.yaml',
      'version: 1\nname: n\nservers: { a: { remote: a } }\nimages: [{ name: i, source: { file: none.tar } }]\n',
    )
    write(
      'bad.yaml',
      'version: 1\nname: n\nservers: { a: { remote: a } }\nimages:\n  - { name: 24.04, sorce: {} }\n',
    )
  })

  test('validate reports that a valid manifest is valid', async () => {
    expect(await run('validate', 'ok.yaml')).toEqual({
      code: 0,
      stdout: '"ok.yaml" is valid: 1 image, 1 server.\n',
      stderr: '',
    })
  })

  test('validate --files reports image files that are missing, not complete or something else', async () => {
    makeImage(join(cwd, 'whole.tar.gz'), 'whole')
    makeImage(join(cwd, 'cut.tar.gz'), 'cut')
    truncateSync(join(cwd, 'cut.tar.gz'), 100)
    write('page.tar.xz', '<html>404</html>')
    write(
      'files.yaml',
      'version: 1\nname: n\nservers: { a: { remote: a } }\nimages:\n' +
        ['whole.tar.gz', 'cut.tar.gz', 'page.tar.xz', 'none.tar.gz']
          .map((file, index) => `  - { name: i${index}, source: { file: ${file} } }\n`)
          .join(''),
    )
    expect(await run('validate', 'files.yaml')).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await run('validate', 'files.yaml', '--files')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^files.yaml:6:\d+: Cannot use ".*cut.tar.gz": its end is missing/),
      expect.stringMatching(/^files.yaml:7:\d+: Cannot use ".*page.tar.xz": it is a web page/),
      expect.stringMatching(/^files.yaml:8:\d+: Cannot read ".*none.tar.gz": there is no such file$/),
    ])
  })

  test.each(['validate', 'plan', 'apply'])(
    '%s reports all problems of a manifest on stderr and exits 1',
    async (command) => {
      expect(await run(command, 'bad.yaml')).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'bad.yaml:5:13: "name" must be a string, but 24.04 is a number in YAML: quote it, "24.04"\n' +
          'bad.yaml:5:20: unknown key "sorce": did you mean "source"?\n',
      })
    },
  )

  test('validate --json prints the problems as a document', async () => {
    const { code, stdout, stderr } = await run('validate', '--json', 'bad.yaml')
    expect([code, stderr]).toEqual([1, ''])
    expect(JSON.parse(stdout)).toEqual({
      format: 'hyperkit-validation',
      version: 1,
      file: 'bad.yaml',
      valid: false,
      problems: [
        { line: 5, column: 13, message: expect.stringContaining('quote it') },
        { line: 5, column: 20, message: expect.stringContaining('did you mean') },
      ],
      warnings: [],
      error: { code: 'invalid-configuration', message: expect.stringContaining('bad.yaml:5:13: "name"') },
    })
  })

  test('a missing source is reported with its place in the manifest', async () => {
    const { code, stderr } = await run('plan', 'ok.yaml')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^ok\.yaml:4:29: .*none\.tar/)
  })

  test('the manifest is images.yaml unless another is named', async () => {
    const { code, stderr } = await run('plan')
    expect([code, stderr]).toEqual([1, 'Cannot read manifest "images.yaml": there is no such file\n'])
  })

  test.each([
    [['plan', '--jsn'], 'unknown flag "--jsn"', 'did you mean "--json"?'],
    [['pln'], 'unknown command "pln"', 'did you mean "plan"?'],
    [['apply', '--force'], 'unknown flag "--force"', ''],
    [['plan', 'a', 'b'], 'unexpected argument "b"', ''],
    [[], 'Usage:\n  hyperkit-reconcile', ''],
  ])('the command line %j is refused', async (args, sentence, hint) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(sentence)
    expect(stderr).toContain(hint)
  })

  test('help goes to stdout and names the exit codes', async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    for (const word of ['validate', 'plan', 'apply', 'Exit codes', '130']) expect(stdout).toContain(word)
  })
})

describe('with a server', () => {
  let server: OpenServer
  let uploads: (() => void) | undefined
  let isHeld = false

  beforeAll(async () => {
    server = await openEmbedded(cwd, {
      dialect: 'incus',
      // The upload hangs for as long as the test wants.
      faults: async (request, answer) => {
        if (isHeld && request.method === 'POST' && new URL(request.url).pathname === '/1.0/images') {
          await new Promise<void>((resolve) => {
            uploads = resolve
          })
        }
        return answer()
      },
    })
    makeImage(join(cwd, 'a.tar.gz'), 'a')
    const manifest = (servers: string): string =>
      `version: 1\nname: n\nservers: { ${servers} }\nimages: [{ name: img, source: { file: a.tar.gz } }]\n`
    write('images.yaml', manifest(`it: ${server.yaml}`))
    write('half.yaml', manifest(`it: ${server.yaml}, down: { url: "https://127.0.0.1:1" }`))
  })
  afterAll(async () => {
    uploads?.()
    await server.close()
  })
  const forget = async (): Promise<void> => {
    const { fingerprint } = await fingerprintOf(join(cwd, 'a.tar.gz'))
    if (await server.client.images.find(fingerprint)) await server.client.images.delete(fingerprint)
  }

  test('plan, apply and plan again, with the exit codes of --detailed-exitcode', async () => {
    await forget()
    const first = await run('plan', '--detailed-exitcode')
    expect([first.code, first.stderr]).toEqual([2, ''])
    expect(first.stdout).toContain('+ upload image img')
    expect(first.stdout).toMatch(
      /Plan: 1 image to upload \(\d+ bytes\), 1 alias to create, 0 to move, 0 to remove\n$/,
    )
    expect((await run('plan')).code).toBe(0)

    const refused = await run('apply')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('give --yes')
    expect(await server.client.aliases.find('img')).toBeUndefined()

    const done = await run('apply', '--yes')
    expect(done.code).toBe(0)
    expect(done.stdout).toMatch(
      /Done: 1 image uploaded \(\d+ bytes\), 1 alias created, 0 moved, 0 removed\.\n$/,
    )
    expect(done.stderr).toBe('it: upload image img\nit: uploaded image img\nit: created alias img\n')

    const again = await run('plan', '--detailed-exitcode')
    expect(again).toEqual({
      code: 0,
      stdout: 'No changes. 1 image on 1 server is as "images.yaml" says.\n',
      stderr: '',
    })
    expect(await run('apply')).toEqual(again)
  })

  test('--json prints one document, the plan for plan and what was done for apply', async () => {
    await forget()
    const plan = JSON.parse((await run('plan', '--json')).stdout)
    expect(plan).toMatchObject({
      format: 'hyperkit-plan',
      version: 1,
      summary: { imagesToUpload: 1, aliasesToCreate: 1 },
    })
    const report = JSON.parse((await run('apply', '--json', '--yes')).stdout)
    expect(report).toMatchObject({
      format: 'hyperkit-apply',
      version: 1,
      servers: [{ name: 'it', status: 'done' }],
    })
    expect(report.servers[0].results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'done',
      'done',
    ])
  })

  test('colours are printed on terminals, and elsewhere if they are forced', async () => {
    await forget()
    const coloured = '\u001b['
    expect((await run('plan')).stdout).not.toContain(coloured)
    const forced = { cwd, environment: { FORCE_COLOR: '1' } }
    expect((await runCommand(['plan'], forced)).stdout).toContain(coloured)
  })

  test('a server that is down is an error and does not stop the others', async () => {
    await forget()
    const plan = await run('plan', 'half.yaml', '--detailed-exitcode')
    expect(plan.code).toBe(1)
    expect(plan.stdout).toContain('+ upload image img')
    expect(plan.stdout).toContain('down\n  ! not read: ')
    const apply = await run('apply', '--yes', 'half.yaml')
    expect(apply.code).toBe(1)
    expect(apply.stdout).toContain('1 image uploaded')
    expect(apply.stdout).toContain('1 server could not be read')
    expect(await server.client.aliases.find('img')).toBeDefined()
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s cancels what is under way, reports what is left and exits %i', async (signal, code) => {
    await forget()
    isHeld = true
    const { child, ended, shows } = await startCommand(['apply', '--yes'], { cwd })
    await shows('it: upload image img')
    // `child.kill` cannot be used: Deno reports no exit code after it.
    process.kill(child.pid ?? 0, signal)
    const result = await ended
    isHeld = false
    uploads?.()
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(`Interrupted by ${signal}`)
    expect(result.stdout).toContain(
      'interrupted  upload image img: the run was interrupted in the middle of it\n  skipped  create alias img',
    )
    expect(await server.client.aliases.find('img')).toBeUndefined()
    const again = await run('apply', '--yes')
    expect(again.code).toBe(0)
  })

  test('a reader that closes its pipe early causes no error', async () => {
    const { child, ended } = await startCommand(['plan'], { cwd })
    child.stdout?.destroy()
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([0, ''])
  })
})
