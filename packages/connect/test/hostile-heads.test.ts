import { createClient, isHyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { failureOf, open } from './open-transport.ts'
import { serveRaw } from './serve-raw.ts'

const body = 'content-type: application/json\r\ncontent-length: 2\r\n\r\n{}'

// What a Response or Headers cannot hold. Node's parser lets the first five through; Bun's own fetch refuses others.
const heads: Record<string, string> = {
  'status 101 without an upgrade': `HTTP/1.1 101 Switching Protocols\r\n${body}`,
  'status 101 with an upgrade':
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'status 99': `HTTP/1.1 099 Odd\r\n${body}`,
  'status 600': `HTTP/1.1 600 Odd\r\n${body}`,
  'status 999': `HTTP/1.1 999 Odd\r\n${body}`,
  'status 1000': `HTTP/1.1 1000 Odd\r\n${body}`,
  'a control character in the reason phrase': `HTTP/1.1 200 O\x01K\r\n${body}`,
  'an escape sequence in the reason phrase': `HTTP/1.1 500 \x1b[31mNo\r\n${body}`,
  'a control character in a header': `HTTP/1.1 200 OK\r\nx-one: a\x01b\r\n${body}`,
  'a NUL in a header': `HTTP/1.1 200 OK\r\nx-one: a\x00b\r\n${body}`,
  'a space in the name of a header': `HTTP/1.1 200 OK\r\nx one: a\r\n${body}`,
  'a negative content-length': 'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}',
}

for (const [what, answer] of Object.entries(heads)) {
  test(`an answer with ${what} is an error of its request alone, with the server's name`, async () => {
    const url = await serveRaw(answer)
    const client = createClient({ transport: await open({ url, name: 'edge1' }) })
    const error = await failureOf(client.request({ method: 'GET', path: '/1.0' }))
    expect(isHyperkitError(error, 'unexpected-answer'), String(error)).toBe(true)
    expect(String(error)).toContain('on "edge1": the answer is not from an LXD or Incus server')
  })

  test(`an answer with ${what} to a WebSocket is an error of its listener alone`, async () => {
    const url = await serveRaw((socket) => socket.end(answer, 'latin1'))
    const client = createClient({ transport: await open({ url, name: 'edge1' }) })
    const error = await failureOf(client.events().next())
    expect(isHyperkitError(error), String(error)).toBe(true)
    expect(String(error)).toContain('"edge1"')
  })
}

test('an error about an invalid status line quotes it, without the characters that a terminal obeys', async (context) => {
  if ('Bun' in globalThis) context.skip('Bun’s own fetch does not say what the server sent')
  const quotes: [string, string][] = [
    [heads['status 600'] ?? '', '"HTTP/1.1 600 Odd"'],
    [heads['status 101 with an upgrade'] ?? '', '"HTTP/1.1 101 Switching Protocols"'],
    [heads['an escape sequence in the reason phrase'] ?? '', '"HTTP/1.1 500 \\u001b[31mNo"'],
  ]
  for (const [answer, quote] of quotes) {
    const client = createClient({ transport: await open({ url: await serveRaw(answer) }) })
    expect(String(await failureOf(client.request({ method: 'GET', path: '/1.0' })))).toContain(quote)
  }
})

test('a refused WebSocket whose answer does not end is refused all the same', async () => {
  let sent = 0
  const url = await serveRaw((socket) => {
    socket.write('HTTP/1.1 403 No\r\n\r\n')
    const more = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536))) sent += 65_536
    }
    socket.on('drain', more)
    more()
  })
  const client = createClient({ transport: await open({ url }) })
  const error = await failureOf(client.events().next())
  expect(isHyperkitError(error, 'not-authorized'), String(error)).toBe(true)
  expect(sent).toBeLessThan(64 * 1024 * 1024)
})
