import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openStreams } from './open-streams.ts'

/** A web server with these documents. */
async function serve(documents: Record<string, object>): Promise<string> {
  const server = createServer(({ url = '' }, response) => response.end(JSON.stringify(documents[url] ?? {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('products of a simplestreams source that are left out are reported', async () => {
  const list = {
    datatype: 'image-downloads',
    format: 'products:1.0',
    path: 'streams/v1/images.json',
    products: ['odd', 'other'],
  }
  const product = { aliases: 'x', arch: 'amd64', os: 'x', release: 'x', release_title: 'x', versions: {} }
  const url = await serve({
    '/streams/v1/index.json': { format: 'index:1.0', index: { images: list } },
    '/streams/v1/images.json': {
      products: {
        odd: { ...product, aliases: ['odd'] },
        other: product,
      },
    },
  })
  const warnings: string[] = []
  const { streams, close } = openStreams(url, { onWarning: (sentence) => warnings.push(sentence) })
  await streams.list().finally(close)
  expect(warnings).toEqual([expect.stringContaining(`Some images of "${url}" were left out: "odd" `)])
})

test('the limit of a command for documents applies to the lists of a simplestreams source', async () => {
  const url = await serve({ '/streams/v1/index.json': { index: {}, more: 'x'.repeat(2000) } })
  const list = async (maxDocument: number): Promise<number> => {
    const { streams, close } = openStreams(url, { maxDocument })
    return streams
      .list()
      .then((images) => images.length)
      .finally(close)
  }
  expect(await list(3000)).toBe(0)
  await expect(list(1000)).rejects.toMatchObject({ code: 'answer-too-long' })
})
