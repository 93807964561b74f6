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

test('a missing script is reported, and so is an extra one', () => {
  const files = [...always, 'dist/command/scripts/list.js', 'dist/command/scripts/gone.js']
  expect(checkContents(files, ['list', 'show'])).toEqual([
    'dist/command/scripts/show.js is missing: run `npm run build`',
    'dist/command/scripts/gone.js does not belong in the package: its source is gone: run `npm run clean && npm run build`',
  ])
})
