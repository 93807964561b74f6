import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = execFileSync('git', ['ls-files', '*.ts', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => /^(?:packages|apps|scripts|tools|examples|docs)\//.test(path))
  .filter((path) => path !== 'docs/traps.md' && existsSync(join(root, path)))

/** The rows of the table with their numbers, in order. */
const rows = [...readFileSync(join(root, 'docs/traps.md'), 'utf8').matchAll(/^\| T(\d+) \|(.*)\|$/gm)]

test('the table of traps has one row for each number, in order', () => {
  const numbers = rows.map(([, number]) => Number(number))
  expect(numbers.length).toBeGreaterThan(0)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

test('each row names servers, says what happens, and links to code or a case', () => {
  for (const [line, , row = ''] of rows) {
    const cells = row.split(' | ').map((cell) => cell.trim())
    expect(
      cells.map((cell) => cell !== ''),
      line,
    ).toEqual([true, true, true])
    expect(cells[2], line).toMatch(/\]\(\.\.\/[^)]+\)/)
  }
})

test('every trap that a source or a page mentions has a row', () => {
  const known = new Set(rows.map(([, number]) => number))
  const unknown = files.flatMap((path) => {
    const named = readFileSync(join(root, path), 'utf8').matchAll(/\bT([1-9]\d?)\b/g)
    return [...named].flatMap(([trap, number]) => (known.has(number) ? [] : [`${path}: ${trap}`]))
  })
  expect(unknown).toEqual([])
})

test('a test that mentions a trap by its number also says in words what happens', () => {
  const wordless = files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const names = readFileSync(join(root, path), 'utf8').matchAll(
        /(?:\bname: |\btest\()(['"`])(T\d+(?:, T\d+)*:? ?)(.*?)\1/g,
      )
      return [...names].flatMap(([, , numbers, words = '']) =>
        words.split(' ').length >= 4 ? [] : [`${path}: ${numbers}${words}`],
      )
    })
  expect(wordless).toEqual([])
})
