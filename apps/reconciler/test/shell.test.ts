// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts of shells are written so
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-shell-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const run = (...args: string[]) => runCommand(args, { cwd })
const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined

describe('schema', () => {
  test('prints that of the manifest unless another is named', async () => {
    const { code, stdout } = await run('schema')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).properties.images.description).toContain('The images')
    expect(JSON.parse((await run('schema', 'plan')).stdout).properties.format).toEqual({
      const: 'hyperkit-plan',
    })
  })

  test('refuses what has none, and says what has', async () => {
    const { code, stderr } = await run('schema', 'plam')
    expect([code, stderr]).toEqual([1, expect.stringContaining('Allowed choices are manifest, plan,')])
  })
})

describe('completion', () => {
  test('for bash offers commands, flags, values and files', async (context) => {
    if (!has('bash')) context.skip('there is no bash here')
    const script = join(cwd, 'completion.bash')
    writeFileSync(script, (await run('completion', 'bash')).stdout)
    writeFileSync(join(cwd, 'images.yaml'), '')
    const complete = (...words: string[]): string[] =>
      execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hyperkit_reconcile; printf "%s\\n" "${COMPREPLY[@]}"',
          'bash',
          script,
          'hyperkit-reconcile',
          ...words,
        ],
        { cwd, encoding: 'utf8' },
      )
        .trim()
        .split('\n')
    expect(complete('pl')).toEqual(['plan'])
    expect(complete('')).toEqual(expect.arrayContaining(['apply', 'plan', 'schema', 'validate', 'watch']))
    expect(complete('plan', '--det')).toEqual(['--detailed-exitcode'])
    expect(complete('plan', '--out', 'im')).toEqual(['images.yaml'])
    expect(complete('apply', 'im')).toEqual(['images.yaml'])
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  test.each(['zsh', 'fish'])('for %s is a script that it can read', async (shell, ...rest) => {
    const { code, stdout } = await run('completion', shell)
    expect(code).toBe(0)
    expect(stdout).toContain('detailed-exitcode')
    expect(rest).toEqual([])
    if (!has(shell)) return console.info(`there is no ${shell} here, its script was not read`)
    const file = join(cwd, `completion.${shell}`)
    writeFileSync(file, stdout)
    expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  test('refuses other shells', async () => {
    const { code, stderr } = await run('completion', 'tcsh')
    expect([code, stderr]).toEqual([1, expect.stringContaining('Allowed choices are bash, zsh, fish')])
  })
})
