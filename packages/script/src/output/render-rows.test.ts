import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderYaml } from './render-document.ts'
import { renderRows } from './render-rows.ts'

test('a table of 300,000 rows is rendered, one of which has a cell of 300,000 lines', async () => {
  const rows = Array.from({ length: 300_000 }, (_, index) => `alias${index}`)
  const lines = 'a\n'.repeat(300_000).trimEnd()
  const text = await renderRows([...rows, lines], [{ title: 'ALIAS', text: (row) => row }], {
    name: 'table',
    hasHeader: true,
  })
  expect(text).toContain('alias299999')
})

const misread = [
  ...[
    '20241127_05:24',
    '190:20:30',
    '0777',
    '0o17',
    '0b11',
    '0x1f',
    '1_000',
    '1,000',
    '12e3',
    '.5',
    '-.inf',
    '.NaN',
  ],
  ...[
    '2024-11-27',
    '2024-11-27 05:24:00',
    'y',
    'Yes',
    'off',
    'NO',
    'true',
    '~',
    'null',
    '=',
    '<<',
    ':web',
    '24.04',
    '',
  ],
]

test('YAML has quotes around every text that a reader of YAML 1.1 does not take for text', async () => {
  const printed = await renderYaml(misread)
  expect(printed.trimEnd().split('\n')).toEqual(misread.map((text) => `- ${JSON.stringify(text)}`))
  expect(parse(printed, { version: '1.1' })).toEqual(misread)
  const plain = ['ubuntu/noble', '3f2a91c0d4e5', 'x86_64', 'yes please', '10 MiB', 'a=b', 'https://h:8443']
  expect(await renderYaml(plain)).toBe(plain.map((text) => `- ${text}\n`).join(''))
  const unprintable = ['\u2028', '\u009b31m', 'two\nlines\u202e', '\t"quoted"', '\u001b']
  const shown = await renderYaml({ a: unprintable })
  expect(parse(shown)).toEqual({ a: unprintable })
  expect(shown).toMatch(/^[\x20-\x7e\n]+$/)
  expect(await renderYaml({ '=': 1, on: 'x' })).toBe('"=": 1\n"on": x\n')
})

test('a cell of CSV has one value: a row with several has a line for each, and one without any has an empty cell', async () => {
  const rows = [
    { name: 'a', aliases: ['one', 'two'], note: 'two\nlines' },
    { name: 'b', aliases: [], note: '' },
  ]
  type Row = (typeof rows)[number]
  const columns = [
    { title: 'NAME', text: ({ name }: Row) => name },
    {
      title: 'ALIASES',
      text: ({ aliases }: Row) => aliases.join('\n'),
      values: ({ aliases }: Row) => aliases,
    },
    { title: 'NOTE', text: ({ note }: Row) => note },
  ]
  expect(await renderRows(rows, columns, { name: 'csv', hasHeader: true })).toBe(
    'NAME,ALIASES,NOTE\na,one,"two\nlines"\na,two,"two\nlines"\nb,,\n',
  )
  expect(await renderRows(rows, columns, { name: 'compact', hasHeader: false })).toContain('two')
})
