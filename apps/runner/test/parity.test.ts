import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { isRequired } from '@hyperkit/conformance'
import { describeArguments, globalArguments } from '@hyperkit/script/command'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { builtInScripts } from '../src/built-in-scripts.ts'
import { readEquals, readPermissions } from './read-commands.ts'

const noArguments = v.object({})

const clients = [
  ['incus', 'incus'],
  ['lxc', 'lxd'],
] as const

/** A command or a flag of `incus` or `lxc`. */
interface Theirs {
  /** `image copy`, `image copy --profile`, `--project` */
  name: string
  short: string | undefined
}

describe.each(clients)('docs/commands.md and %s', (client, dialect) => {
  const help = readHelp(client, [])
  const isAbsent = help === undefined
  if (isAbsent && isRequired(dialect))
    throw new Error(`${client} is not installed, and HYPERKIT_REQUIRE_SERVERS names ${dialect}`)

  test('every image command and flag of the client has an equivalent, or a reason for having none', (context) => {
    if (isAbsent) return context.skip(`${client} is not installed`)
    const theirs = ['image', 'publish', 'operation'].flatMap((name) => commandsOf(client, [name]))
    expect(theirs.length).toBeGreaterThan(40)
    const known = new Map(readEquals().map((equal) => [equal.theirs, equal]))
    const gaps = [...new Set(theirs.map(({ name }) => name))].filter((name) => !known.has(name))
    expect(gaps).toEqual([])
  })

  test('a flag with a letter in the client has the same letter in hyperkit', async (context) => {
    if (isAbsent) return context.skip(`${client} is not installed`)
    const known = new Map(readEquals().map(({ theirs, ours }) => [theirs, ours]))
    for (const { name, short } of commandsOf(client, ['image']).concat(commandsOf(client, ['publish']))) {
      const ours = known.get(name) ?? ''
      if (short === undefined || ours === '') continue
      expect([name, (await argumentOf(ours))?.short]).toEqual([name, short])
    }
  })
})

test('the commands and flags that docs/commands.md names exist', async () => {
  for (const { theirs, ours, note } of readEquals()) {
    if (ours === '') expect([theirs, note]).not.toEqual([theirs, ''])
    else if (ours.includes(' '))
      expect([ours, (await argumentOf(ours))?.name]).toEqual([ours, ours.split(' ')[1]])
    else expect([ours, await builtInScripts().load(ours)]).not.toEqual([ours, undefined])
  }
})

test('docs/commands.md has the permissions of every script', async () => {
  expect([...readPermissions({}).keys()]).toEqual(await builtInScripts().names())
})

test('the examples of each script name flags that it has', async () => {
  const builtIn = builtInScripts()
  for (const name of await builtIn.names()) {
    const script = await builtIn.load(name)
    const examples = script?.examples ?? []
    expect([name, examples.length]).not.toEqual([name, 0])
    const flags = examples
      .flatMap((example) => example.split(/ [|<] /))
      .filter(
        (command) =>
          command.startsWith(`hyperkit ${name.replace('-', ' ')}`) || command.startsWith(`hyperkit ${name}`),
      )
      .flatMap((command) => command.match(/(?<= )--?[a-z][a-z-]*/g) ?? [])
    for (const flag of flags) {
      const known = [...describeArguments(script?.args ?? noArguments), ...globalArguments]
      const found = known.some((argument) => argument.name === flag || `-${argument.short}` === flag)
      expect([name, flag, found]).toEqual([name, flag, true])
    }
  }
})

/** Finds the argument of a script that a text such as `copy --profile` names. */
async function argumentOf(words: string) {
  const [name = '', flag] = words.split(' ')
  const script = await builtInScripts().load(name)
  if (script === undefined) return undefined
  return [...describeArguments(script.args), ...globalArguments].find((argument) => argument.name === flag)
}

/** The command and its flags, or the commands below it and theirs. */
function commandsOf(client: string, words: readonly string[]): Theirs[] {
  const help = readHelp(client, words) ?? ''
  const below = section(help, 'Available Commands').map((line) => line.split(/\s+/)[0] ?? '')
  const global = flagsOf(section(help, 'Global Flags'), '')
  if (below.length > 0) return [...global, ...below.flatMap((name) => commandsOf(client, [...words, name]))]
  const name = words.join(' ')
  return [{ name, short: undefined }, ...flagsOf(section(help, 'Flags'), `${name} `), ...global]
}

function flagsOf(lines: readonly string[], before: string): Theirs[] {
  return lines.map((line) => {
    const [, short, name] = /^(?:-(\w), )?(--[\w-]+)/.exec(line) ?? []
    if (name === undefined) throw new Error(`not understood in --help: ${line}`)
    return { name: `${before}${name}`, short }
  })
}

/** The lines of a section of the help, trimmed. */
function section(help: string, title: string): string[] {
  const lines = help.split('\n')
  const start = lines.indexOf(`${title}:`)
  if (start === -1) return []
  const end = lines.findIndex((line, index) => index > start && line.trim() === '')
  return lines.slice(start + 1, end === -1 ? undefined : end).map((line) => line.trim())
}

function readHelp(client: string, words: readonly string[]): string | undefined {
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8' }
  try {
    return execFileSync(client, [...words, '--help'], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
