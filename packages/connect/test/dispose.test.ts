import { createTransport } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { toOpenTransport } from '../src/transport/open-transport.ts'

test('using and await using close a transport at the end of their block', async () => {
  let closed = 0
  const transport = {
    name: 'lab',
    origin: 'https://lab:8443',
    fetch: async () => new Response(),
    close: () => void closed++,
  }
  {
    using opened = toOpenTransport(transport)
    expect([opened.name, closed]).toEqual(['lab', 0])
  }
  expect(closed).toBe(1)
  {
    await using opened = toOpenTransport(transport)
    expect([opened.name, closed]).toEqual(['lab', 1])
  }
  expect(closed).toBe(2)
})

test('a transport of createTransport can be used with await using', async () => {
  await using transport = await createTransport({ socket: '/nowhere/unix.socket' })
  expect(transport.name).toBe('/nowhere/unix.socket')
})
