import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { buildProgram } from '../src/commands/build-program.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const pages = [
  'README.md',
  'docs/manifest.md',
  'docs/operations.md',
  'docs/comparison.md',
  'apps/reconciler/README.md',
]

test.each(pages)(
  'every command of hyperkit-reconcile that %s shows exists, and has the options shown',
  (page) => {
    const text = readFileSync(`${root}/${page}`, 'utf8')
    const known = new Map(
      buildProgram({} as never).commands.map((command) => [
        command.name(),
        new Set(command.options.flatMap(({ long, short }) => [long, short])),
      ]),
    )
    const shown = [...text.matchAll(/hyperkit-reconcile ([a-z-]+)([^\n`;|&#>)]*)/g)]
    const wrong = shown.flatMap(([line, name = '', rest = '']) => {
      const options = known.get(name)
      if (options === undefined) return [`no command: ${line}`]
      const given = rest.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? []
      return given
        .filter((option) => !options.has(option))
        .map((option) => `${name} has no ${option}: ${line}`)
    })
    expect(wrong).toEqual([])
    if (page !== 'docs/comparison.md') expect(shown.length).toBeGreaterThan(1)
  },
)
