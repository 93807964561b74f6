import { expect, test } from 'vitest'
import { checkContents } from './check-contents.ts'

const always = ['package.json', 'README.md', 'LICENSE']
const compiled = ['dist/a.js', 'dist/a.js.map', 'dist/a.d.ts', 'dist/a.d.ts.map']

test('a package contains its sources, the compiled files and the documents', () => {
  expect(checkContents([...always, ...compiled, 'src/a.ts', 'bin/a-b.js', 'schema/a-b.schema.json'])).toEqual(
    [],
  )
})

test('a missing document is reported', () => {
  expect(checkContents(['package.json', ...compiled, 'src/a.ts'])).toEqual([
    'README.md is missing',
    'LICENSE is missing',
  ])
})

test('a source that was not built is reported', () => {
  expect(checkContents([...always, ...compiled.slice(1), 'src/a.ts'])).toEqual([
    'dist/a.js is missing: run `npm run build`',
  ])
})

test('a compiled file without its source is reported', () => {
  expect(checkContents([...always, ...compiled])).toHaveLength(4)
})

test('tests and stray files are reported', () => {
  const problems = checkContents([...always, 'src/a.test.ts', '.env'])
  expect(problems).toHaveLength(2)
  expect(problems[0]).toMatch(/^src\/a\.test\.ts is a test/)
  expect(problems[1]).toMatch(/^\.env does not belong/)
})

test('a command whose help was not written down is reported, and so is the help of one that is gone', () => {
  const command = ['hyperkit.js', 'LICENSES.txt', 'chunks/front.js', 'outlines/list.js', 'outlines/gone.js']
  const files = [...always, ...command.map((file) => `dist/command/${file}`)]
  expect(checkContents(files, { name: 'hyperkit', outlined: ['list', 'show'] })).toEqual([
    'dist/command/outlines/show.js is missing: run `npm run build`',
    'dist/command/outlines/gone.js does not belong in the package: its source is gone: run `npm run clean && npm run build`',
  ])
})
