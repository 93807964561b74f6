// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts contain such expansions
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { reconcilerCommand, runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-shell-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const run = (...args: string[]) => runCommand(args, { cwd })
const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined

describe('schema', () => {
  test('schema prints the schema of the manifest unless another document is named', async () => {
    const { code, stdout } = await run('schema')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).properties.images.description).toContain('The images')
    expect(JSON.parse((await run('schema', 'plan')).stdout).properties.format).toEqual({
      const: 'hyperkit-plan',
    })
  })

  test('schema refuses a document without a schema and lists those that have one', async () => {
    const { code, stderr } = await run('schema', 'plam')
    expect([code, stderr]).toEqual([1, expect.stringContaining('it must be one of manifest, plan,')])
  })
})

describe('completion', () => {
  test('completion for bash offers commands, flags, values, files and names of the manifest', async (context) => {
    if (!has('bash')) context.skip('there is no bash here')
    const script = join(cwd, 'completion.bash')
    writeFileSync(script, (await run('completion', 'bash')).stdout)
    writeFileSync(
      join(cwd, 'images.yaml'),
      'version: 1\nname: n\nservers: { prod: { remote: a, labels: { tier: edge } }, test: { remote: b } }\n' +
        'images: [{ name: alpine, aliases: [alpine/edge], source: { file: none.tar } }]\n',
    )
    const quoted = (await reconcilerCommand()).map((word) => `'${word}'`).join(' ')
    const complete = (line: string): string[] =>
      execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          `hyperkit-reconcile() { ${quoted} "$@"; }; compopt() { :; }; source "$1"; COMP_LINE="hyperkit-reconcile $2"; COMP_POINT=\${#COMP_LINE}; _hyperkit_reconcile; printf "%s\\n" "\${COMPREPLY[@]}"`,
          'bash',
          script,
          line,
        ],
        { cwd, encoding: 'utf8' },
      )
        .trim()
        .split('\n')
    expect(complete('pl')).toEqual(['plan'])
    expect(complete('')).toEqual(expect.arrayContaining(['apply', 'plan', 'schema', 'validate', 'watch']))
    expect(complete('plan --det')).toEqual(['--detailed-exitcode'])
    expect(complete('plan --out im')).toEqual(['images.yaml'])
    expect(complete('apply im')).toEqual(['images.yaml'])
    expect(complete('completion ')).toEqual(['bash', 'zsh', 'fish'])
    expect(complete('plan --server ')).toEqual(['prod', 'test', 'tier=edge'])
    expect(complete('plan --target al')).toEqual(['alpine'])
    expect(complete('rollback ')).toEqual(['alpine', 'alpine/edge'])
    expect(complete('schema la')).toEqual([''])
  })

  test.each(['zsh', 'fish'])(
    'completion for %s is a script that the shell can parse',
    async (shell, ...rest) => {
      const { code, stdout } = await run('completion', shell)
      expect(code).toBe(0)
      expect(stdout).toContain('hyperkit-reconcile --complete')
      expect(rest).toEqual([])
      if (!has(shell)) return console.info(`there is no ${shell} here, its script was not read`)
      const file = join(cwd, `completion.${shell}`)
      writeFileSync(file, stdout)
      expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    },
  )

  test('completion refuses other shells', async () => {
    const { code, stderr } = await run('completion', 'tcsh')
    expect([code, stderr]).toEqual([1, expect.stringContaining('bash, zsh, fish')])
  })
})
