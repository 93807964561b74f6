import { fetchTransport } from '@hyperkit/core'
import { type Outlet, openScreen } from '@hyperkit/terminal'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { describeArguments } from '../src/command.ts'
import {
  defineScript,
  duration,
  flag,
  formatFlag,
  positional,
  runScript,
  splitRemoteName,
} from '../src/index.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

const openOutlet = (isTerminal = false): Outlet & { text: string } => ({
  text: '',
  isTerminal,
  size: () => ({ columns: 80, rows: 24 }),
  async write(text) {
    this.text += text
  },
})

let seen: unknown
const script = defineScript({
  description: 'Try arguments',
  connects: false,
  args: v.object({
    image: v.pipe(v.string(), v.description('The image'), positional('image', { completes: 'image' })),
    others: v.pipe(v.array(v.string()), positional('other')),
    alias: v.optional(v.array(v.string()), []),
    property: v.optional(v.pipe(v.record(v.string(), v.string()), v.description('Properties')), {}),
    keep: v.optional(v.pipe(v.number(), v.integer('a whole number is needed'), flag({ short: 'k' }))),
    mode: v.optional(v.picklist(['pull', 'push', 'relay']), 'pull'),
    public: v.optional(v.boolean()),
    verify: v.optional(v.boolean(), true),
    expireAfter: v.optional(duration),
    format: formatFlag(),
  }),
  run({ args }) {
    seen = args
    expectTypeOf(args.image).toEqualTypeOf<string>()
    expectTypeOf(args.keep).toEqualTypeOf<number | undefined>()
    expectTypeOf(args.mode).toEqualTypeOf<'pull' | 'push' | 'relay'>()
    expectTypeOf(args.property).toEqualTypeOf<{ [x: string]: string }>()
  },
})

async function run(words: readonly string[], isTerminal = false): Promise<Ran> {
  const [stdout, stderr] = [openOutlet(), openOutlet(isTerminal)]
  const screen = openScreen({ stdout, stderr, environment: {} })
  seen = undefined
  const code = await runScript(script, words, { command: 'try', screen })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

const preset = {
  image: 'a',
  others: [],
  alias: [],
  property: {},
  mode: 'pull',
  verify: true,
  format: { name: 'table', hasHeader: true },
}

describe('the words of a command line', () => {
  test.each<[string[], object]>([
    [['a'], {}],
    [['a', 'b', 'c'], { others: ['b', 'c'] }],
    [['--alias', 'x', 'a', '--alias=y'], { alias: ['x', 'y'] }],
    [['a', '--property', 'os=ubuntu', '--property', 'x=a=b'], { property: { os: 'ubuntu', x: 'a=b' } }],
    [['a', '-k', '3'], { keep: 3 }],
    [['a', '-k3'], { keep: 3 }],
    [['a', '--keep=-1'], { keep: -1 }],
    [['a', '--public', '--no-verify'], { public: true, verify: false }],
    [['a', '--no-public'], { public: false }],
    [['a', '--expire-after', '2h'], { expireAfter: 7_200_000 }],
    [['a', '--mode', 'push', '--mode', 'relay'], { mode: 'relay' }],
    [['a', '-f', 'csv,header'], { format: { name: 'csv', hasHeader: true } }],
    [['--', '--a'], { image: '--a' }],
    [['-', '-q'], { image: '-' }],
  ])('the words %j are read as %j', async (words, expected) => {
    expect(await run(words)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(seen).toEqual({ ...preset, ...expected })
  })

  test.each([
    [[], '<image> is missing: the image'],
    [['a', '--moed', 'push'], 'unknown flag "--moed"; did you mean "--mode"?'],
    [['a', '-z'], 'unknown flag "-z"; --help lists all'],
    [
      ['a', '--mode', 'psh'],
      '"--mode" cannot be "psh": it must be one of pull, push, relay; did you mean "push"?',
    ],
    [['a', '--mode', '--public'], '"--mode" needs a value: --mode <mode>'],
    [['a', '--keep', 'all'], '"--keep" must be a number, not "all"'],
    [['a', '--keep', '1.5'], '"--keep" cannot be 1.5: a whole number is needed'],
    [['a', '--property', 'os'], '"--property" takes key=value, not "os"'],
    [['a', '--public=maybe'], '"--public" takes only true or false as a value, not "maybe"'],
    [['a', '--timeout', '0'], '"--timeout" cannot be'],
  ])('the words %j are refused', async (words, sentence) => {
    const { code, stdout, stderr } = await run(words)
    expect([code, stdout, seen]).toEqual([1, '', undefined])
    expect(stderr).toContain(`Cannot run "try": ${sentence}`)
  })

  test('an error is red on a terminal, unless --no-color is given', async () => {
    expect((await run([], true)).stderr).toContain('\u001b[31mCannot run')
    expect((await run(['--no-color'], true)).stderr).toMatch(/^Cannot run /)
  })

  test.each([
    ['--no-color', true],
    ['--color=false', true],
    ['--no-color=true', true],
    ['--no-color --color', false],
    ['--remote --no-color', true],
    ['a --unknown --no-color', true],
    ['--alias=--no-color', false],
    ['-- --no-color', false],
  ])('whether the error of %j is plain on a terminal: %j', async (words, isPlain) => {
    const { code, stderr } = await run(['--keep', 'all', ...words.split(' ')], true)
    expect([code, stderr.startsWith('Cannot run ')]).toEqual([1, isPlain])
  })

  test.each([
    ['--json', true],
    ['--json=true', true],
    ['--no-json=false', true],
    ['--json --no-json', false],
    ['--no-json --json', true],
    ['--json=false', false],
    ['--json=maybe', false],
    ['--remote --json', true],
    ['a --unknown --json', true],
    ['--alias=--json', false],
    ['-- --json', false],
  ])('whether the error of %j is JSON too: %j', async (words, isJson) => {
    const { code, stdout } = await run(['--keep', 'all', ...words.split(' ')])
    expect([code, stdout === '' ? undefined : JSON.parse(stdout).error.code]).toEqual([
      1,
      isJson ? 'usage' : undefined,
    ])
  })

  test.each([
    ['64MiB', 67_108_864],
    ['1.5KiB', 1536],
    ['5000', 5000],
  ])('--max-document %s limits what is read over every transport of a script', async (size, limit) => {
    const wrapped: unknown[] = []
    const wraps = defineScript({
      description: 'Wrap a transport',
      connects: false,
      run: ({ wrapTransport }) => void wrapped.push(wrapTransport(fetchTransport('https://images.test'))),
    })
    const [stdout, stderr] = [openOutlet(), openOutlet()]
    const screen = openScreen({ stdout, stderr, environment: {} })
    expect(await runScript(wraps, ['--max-document', size], { command: 'wraps', screen })).toBe(0)
    expect(wrapped).toMatchObject([{ maxDocument: limit }])
  })

  test.each(['0', '64MB', '1e3', '-1', 'all'])('--max-document %s is refused', async (size) => {
    const { code, stderr } = await run(['a', '--max-document', size])
    expect([code, stderr]).toEqual([1, expect.stringContaining('max-document')])
  })

  test('help lists all arguments and flags', async () => {
    const { stdout } = await run(['--help'])
    for (const line of [
      'Usage: try [remote:]<image> [<other>...] [flags]',
      '  -k, --keep <keep>',
      '      --property <key=value>...      Properties (repeatable)',
      '(pull, push, relay; default: pull)',
      '      --no-verify',
    ])
      expect(stdout).toContain(line)
  })
})

test('the description of a pipe inside a pipe is found, and the outer one wins', () => {
  const wait = v.pipe(
    duration,
    v.description('How long to wait'),
    flag<number>({ short: 'w', value: 'time' }),
  )
  const [inner, outer] = describeArguments(
    v.object({
      inner: v.optional(v.pipe(wait, v.minValue(1000))),
      outer: v.pipe(wait, v.description('At least this long')),
    }),
  )
  expect(inner).toMatchObject({ description: 'How long to wait', short: 'w', value: 'time', kind: 'text' })
  expect(outer).toMatchObject({ description: 'At least this long', short: 'w', value: 'time' })
})

test('a script cannot have two arguments of one name, or one named as a flag of every script', () => {
  const define = (args: v.ObjectSchema<v.ObjectEntries, undefined>) => () =>
    defineScript({ description: 'd', args, run() {} })
  expect(define(v.object({ json: v.boolean() }))).toThrow('"--json" is taken: every command has this flag')
  const short = v.optional(v.pipe(v.string(), flag({ short: 'x' })))
  expect(define(v.object({ a: short, b: short }))).toThrow('"-x" is taken: another argument has it')
})

describe('remote:name', () => {
  const remotes = ['local', 'prod']
  test.each([
    ['alpine', undefined, 'alpine'],
    ['prod:alpine', 'prod', 'alpine'],
    ['prod:', 'prod', ''],
    [':alpine', undefined, 'alpine'],
    ['prod:a:b', 'prod', 'a:b'],
    ['ubuntu/a:b', undefined, 'ubuntu/a:b'],
    ['incus:local:alpine', 'incus:local', 'alpine'],
    ['lxc:local:', 'lxc:local', ''],
  ])('the name %s is split into remote and rest', (text, remote, name) => {
    expect(splitRemoteName(text, remotes)).toEqual({ remote, name })
  })

  test('an unknown remote in a name is refused with the nearest one', () => {
    expect(() => splitRemoteName('prdo:x', remotes)).toThrow(
      'there is no remote "prdo"; did you mean "prod:x"?',
    )
    expect(() => splitRemoteName('zzz:x', remotes)).toThrow('known remotes: local, prod')
  })
})

test.each([
  [['-q'], ''],
  [['-qv'], ''],
  [['--quiet=true'], ''],
  [['--quiet', '--no-quiet'], 'a note\n'],
  [['--', '-q'], 'a note\n'],
])('with the words %j the notes of a script on stderr are %j', async (words, notes) => {
  const noting = defineScript({
    description: 'Log a note',
    connects: false,
    args: v.object({ word: v.optional(v.pipe(v.string(), positional('word'))) }),
    run: ({ log }) => log('a note'),
  })
  const [stdout, stderr] = [openOutlet(), openOutlet()]
  const screen = openScreen({ stdout, stderr, environment: {} })
  expect(await runScript(noting, words, { command: 'note', screen })).toBe(0)
  expect([stdout.text, stderr.text]).toEqual(['', notes])
})
