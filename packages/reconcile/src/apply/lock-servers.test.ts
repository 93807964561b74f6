import { expect, test } from 'vitest'
import { createLocks } from './lock-servers.ts'

test('an entry gives up its place while another entry for the same server waits for the lock', () => {
  const waiting: string[] = []
  const locks = createLocks(
    { manifest: 'm', timeout: 0, onWait: () => {} },
    {
      signal: new AbortController().signal,
      open: () => new Promise(() => {}),
      identify: (server) => server.slice(0, 1),
    },
  )
  for (const server of ['a1', 'b1', 'a2']) void locks.take(server, [], () => waiting.push(server))
  expect(waiting).toEqual(['a2'])
})
