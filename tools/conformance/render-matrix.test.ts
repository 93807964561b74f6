import { expect, test } from 'vitest'
import type { RuntimeRun } from '../testing/summarize-runs.ts'
import { readMatrix } from './matrix.ts'
import { renderMatrix } from './render-matrix.ts'

const told = (server: string, title: string, status: string, skipReason?: string) => ({
  ancestorTitles: [server, 'upload'],
  title,
  fullName: `${server} upload ${title}`,
  status,
  meta: skipReason === undefined ? {} : { skipReason },
})

const run = (runtime: string, ...assertionResults: ReturnType<typeof told>[]): RuntimeRun => ({
  runtime,
  exitCode: 0,
  report: { testResults: [{ name: 'x.test.ts', status: 'passed', message: '', assertionResults }] },
})

test('each cell has a sign for each runtime, and each skip a reason', () => {
  const runs = [
    run(
      'node',
      told('lxd', 'a | b', 'passed'),
      told('incus', 'a | b', 'passed'),
      told('lxd', 'c', 'skipped', 'none here'),
    ),
    run('bun', told('lxd', 'a | b', 'passed'), told('incus', 'a | b', 'failed')),
  ]
  expect(renderMatrix(readMatrix(runs, ['lxd', 'incus']))).toBe(
    [
      '## Upload',
      '',
      '| | lxd | incus |',
      '| --- | :-: | :-: |',
      '| a \\| b | ✓✓ | ✓✗ |',
      '| c | –· | ·· |',
      '',
      '## Skipped',
      '',
      '- lxd (1 case): none here',
    ].join('\n'),
  )
})

test('tests other than conformance cases are left out', () => {
  const runs = [run('node', told('other', 'a', 'passed'))]
  expect(readMatrix(runs, ['lxd']).rows).toEqual([])
})
