import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe.each(['core', 'connect', 'files', 'embedded'])('the README of %s', (name) => {
  const text = read(`packages/${name}/README.md`)

  test('the page begins with the name and a sentence, then shows how to install it, then code that is run', () => {
    expect(text).toMatch(new RegExp(`^# @hyperkit/${name}\n\n[A-Z][^#]+?[.:]\\s`))
    const install = text.indexOf(`npm install @hyperkit/${name}`)
    expect(install).toBeGreaterThan(0)
    expect(text.indexOf('```ts\n')).toBeGreaterThan(install)
  })

  test('the page lists the errors and the limits of the runtimes', () => {
    expect(text).toMatch(/^## Limits of the runtimes$/m)
    expect(text).toMatch(/^## Errors$/m)
    // The codes of core have a separate page, because all packages use them.
    expect(text).toContain(name === 'core' ? '](../../docs/errors.md)' : '| code | when | what to do |')
  })
})

test.each(['packages/script', 'apps/reconciler'])(
  'the README of %s uses the same heading for the limits',
  (folder) => {
    expect(read(`${folder}/README.md`)).toMatch(/^## Limits of the runtimes$/m)
  },
)

test('the page of error codes says when each code of core occurs and what to do', () => {
  const codes = read('packages/core/src/errors/hyperkit-error.ts')
    .split('const brand')[0]
    ?.match(/(?<=\| ')[a-z-]+(?=')/g)
  expect(codes?.length).toBeGreaterThan(20)
  const rows = read('docs/errors.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
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
