import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeArguments, globalArguments } from '@hyperkit/script/command'
import { expect, test } from 'vitest'
import { commands } from '../src/commands.ts'

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
  async (page) => {
    const text = readFileSync(`${root}/${page}`, 'utf8')
    const scripts = await Promise.all(
      commands.map(async ({ name, load }) => [name, (await load()).default] as const),
    )
    const known = new Map(
      scripts.map(([name, { args, refuses = {} }]) => {
        const shared = globalArguments.filter(({ key }) => !Object.hasOwn(refuses, key))
        const all = [...describeArguments(args), ...shared]
        return [
          name,
          new Set(all.flatMap((argument) => [argument.name, argument.short && `-${argument.short}`])),
        ]
      }),
    )
    const shown = [...text.matchAll(/hyperkit-reconcile ([a-z-]+)([^\n`;|&#>)]*)/g)]
    const wrong = shown.flatMap(([line, name = '', rest = '']) => {
      if (name === 'completion') return []
      const options = known.get(name)
      if (options === undefined) return [`no command: ${line}`]
      const given = rest.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? []
      return given
        .filter((option) => !options.has(option))
        .map((option) => `${name} has no ${option}: ${line}`)
    })
    expect(wrong).toEqual([])
    // These two pages mostly write `hyperkit` instead.
    if (page !== 'docs/comparison.md' && page !== 'README.md') expect(shown.length).toBeGreaterThan(1)
  },
)
