import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  describeArguments,
  globalArguments,
  joinCatalogues,
  readNames,
  tableCatalogue,
} from '@hyperkit/script/command'
import { expect, test } from 'vitest'
import { builtInScripts } from '../src/built-in-scripts.ts'
import { manifestCommands } from '../src/run-cli.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const pages = [
  'README.md',
  'docs/commands.md',
  'docs/operations.md',
  'docs/comparison.md',
  'apps/runner/README.md',
  'scripts/README.md',
]
/** Commands that the runner handles itself. */
const ownCommands = ['new', 'completion', 'help', 'version']

test.each(pages)('every command of hyperkit that %s shows exists, and has the flags shown', async (page) => {
  const text = readFileSync(`${root}/${page}`, 'utf8')
  const scripts = joinCatalogues([builtInScripts(), tableCatalogue(manifestCommands)])
  const wrong: string[] = []
  // In code only: at the beginning of a line or of a `span`, after a prompt if there is one.
  for (const [, line = ''] of text.matchAll(/(?:^(?: {4})?(?:\$ )?|`)hyperkit ([a-z][^\n`;|&#)']*)/gm)) {
    const words = line.trim().split(/\s+/)
    if (ownCommands.includes(words[0] ?? '')) continue
    const found = await Promise.all(
      readNames(words).map(async ({ name, rest }) => ({ rest, script: await scripts.load(name) })),
    )
    const known = found.find(({ script }) => script !== undefined)
    if (known?.script === undefined) {
      wrong.push(`no command: hyperkit ${line}`)
      continue
    }
    const flags = [...describeArguments(known.script.args ?? { entries: {} }), ...globalArguments]
    const spellings = new Set(flags.flatMap(({ name, short }) => [name, short && `-${short}`]))
    for (const word of known.rest)
      if (/^--?[a-z]/.test(word) && !spellings.has(word.replace(/=.*/, '')))
        wrong.push(`there is no ${word}: hyperkit ${line}`)
  }
  expect(wrong).toEqual([])
})
