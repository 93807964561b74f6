import { expect, test } from 'vitest'
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
