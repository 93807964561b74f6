import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { scriptedTransport } from './scripted-transport.ts'

function closingTransport() {
  const closed = { times: 0 }
  const transport = { ...scriptedTransport(() => new Response()), close: () => void closed.times++ }
  return { transport, closed }
}

test('a client declared with await using closes at the end of its block', async () => {
  const { transport, closed } = closingTransport()
  {
    await using client = createClient({ transport })
    expect([client.name, closed.times]).toEqual(['scripted', 0])
  }
  expect(closed.times).toBe(1)
})

test('a client of another project declared with using closes at the end of its block', () => {
  const { transport, closed } = closingTransport()
  {
    using client = createClient({ transport }).project('web')
    expect([client.projectName, closed.times]).toEqual(['web', 0])
  }
  expect(closed.times).toBe(1)
})
