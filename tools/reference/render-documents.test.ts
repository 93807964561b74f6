import { expect, test } from 'vitest'
import type { KeySchema } from './key-schema.ts'
import { renderDocuments } from './render-documents.ts'

const text: KeySchema = { type: 'string', description: 'A name.' }
const changes: KeySchema = {
  description: 'The changes.',
  items: {
    oneOf: [
      {
        properties: { action: { const: 'upload' }, size: { type: 'integer', description: 'In bytes.' } },
        required: ['action', 'size'],
      },
      { properties: { action: { const: 'delete' } }, required: ['action'] },
    ],
  },
}

test('the page shows maps within their table, and each kind of entry of a list in its own', () => {
  const page = renderDocuments(
    new Map([
      [
        'plan',
        { title: 'A plan', properties: { of: { properties: { name: text }, required: ['name'] }, changes } },
      ],
    ]),
  )
  expect(page).toContain('| `of.name` | string | A name. |')
  expect(page).toContain('| `changes`? | list of maps | The changes. |')
  expect(page).toContain('### plan: `changes[]`, `action` is `upload`')
  expect(page).toContain('| `size` | number | In bytes. |')
  expect(page).toContain('### plan: `changes[]`, `action` is `delete`')
})

test('the page shows once what two documents share, and links to it', () => {
  const page = renderDocuments(
    new Map([
      ['plan', { title: 'A plan', properties: { changes } }],
      ['report', { title: 'A report', properties: { changes } }],
    ]),
  )
  expect(page.match(/In bytes/g)).toHaveLength(1)
  expect(page).toContain('The keys of `changes[]` are those of `changes[]` in [plan](#plan).')
})
