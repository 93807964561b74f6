import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { failureOf, open, pinned, secure, send, until } from './open-transport.ts'
import { serveHttp, serveSocket } from './serve.ts'

/** Answers the first request of a connection, and closes it at the second one. */
function cutting(asked: string[]): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.url === '/1.0') return void response.end('{}')
    asked.push(request.method ?? '')
    request.socket.destroy()
  }
}

const ways = {
  https: async (asked: string[]) => open(pinned(await secure(cutting(asked)))),
  http: async (asked: string[]) => open({ url: (await until(serveHttp(cutting(asked)))).url }),
  'a unix socket': async (asked: string[]) =>
    open({ socket: (await until(serveSocket(cutting(asked)))).path }),
}

for (const [name, openTo] of Object.entries(ways)) {
  test.each(['PUT', 'PATCH', 'POST', 'DELETE'])(
    `a %s is sent once if the server closes its kept connection over ${name}`,
    async (method) => {
      const asked: string[] = []
      const transport = await openTo(asked)
      await (await send(transport, '/1.0')).text()
      await failureOf(send(transport, '/1.0/change', { method }))
      expect(asked).toEqual([method])
    },
  )
}
