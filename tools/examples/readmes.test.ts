import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe.each(['core', 'connect', 'files', 'embedded'])('the README of %s', (name) => {
  const text = read(`packages/${name}/README.md`)

  test('begins with the name and a sentence, then how it is installed, then code that is run', () => {
    expect(text).toMatch(new RegExp(`^# @hyperkit/${name}\n\n[A-Z][^#]+?[.:]\\s`))
    const install = text.indexOf(`npm install @hyperkit/${name}`)
    expect(install).toBeGreaterThan(0)
    expect(text.indexOf('```ts\n')).toBeGreaterThan(install)
  })

  test('says what a runtime cannot do, and which errors there are', () => {
    expect(text).toMatch(/^## What a runtime cannot do$/m)
    expect(text).toMatch(/^## Errors$/m)
    expect(text).toContain('| code | when | what to do |')
  })
})

test('the README of core says of every error code when it comes and what to do', () => {
  const codes = read('packages/core/src/errors/hyperkit-error.ts')
    .split('const brand')[0]
    ?.match(/(?<=\| ')[a-z-]+(?=')/g)
  expect(codes?.length).toBeGreaterThan(20)
  const table = read('packages/core/README.md').split('## Errors')[1]?.split('## ')[0] ?? ''
  const rows = table.split('\n').filter((line) => line.startsWith('| `'))
  for (const code of codes ?? []) {
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${code}\``))
    expect(
      row
        ?.split('|')
        .slice(2, 4)
        .every((cell) => cell.trim() !== ''),
      code,
    ).toBe(true)
  }
})
