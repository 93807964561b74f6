import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openStreams } from './open-streams.ts'

test('the limit of a command for documents applies to the lists of a simplestreams source', async () => {
  const server = createServer((_request, response) =>
    response.end(JSON.stringify({ index: {}, more: 'x'.repeat(2000) })),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const list = async (maxDocument: number): Promise<number> => {
    const { streams, close } = openStreams(url, {
      wrapTransport: (transport) => ({ ...transport, maxDocument }),
    })
    return streams
      .list()
      .then((images) => images.length)
      .finally(close)
  }
  expect(await list(3000)).toBe(0)
  await expect(list(1000)).rejects.toMatchObject({ code: 'answer-too-long' })
})
