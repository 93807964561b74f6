// Your own code, tested against an image server in this process that behaves as LXD or as Incus does.
//
//   bun test · deno test -A · node --test (Node 22.18 and later; earlier ones want JavaScript)

import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, createClient, fetchTransport, isHyperkitError } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'

/** What is to be tested: the name `live` moves to what `next` names, and `next` goes. */
async function promote(client: Client): Promise<string> {
  const next = await client.aliases.get('next')
  await client.aliases.set('live', { target: next.target })
  await client.aliases.delete('next')
  return next.target
}

for (const dialect of ['lxd', 'incus'] as const) {
  test(`promote moves the name, on ${dialect}`, async () => {
    const client = clientOf(dialect)
    const [first, second] = [await publish(client, 'live'), await publish(client, 'next')]
    equal(await promote(client), second)
    deepEqual(
      (await client.aliases.list()).map(({ name, target }) => [name, target]),
      [['live', second]],
    )
    equal((await client.images.get(first)).fingerprint, first)
  })

  test(`promote without anything to promote changes nothing, on ${dialect}`, async () => {
    const client = clientOf(dialect)
    const first = await publish(client, 'live')
    await rejects(promote(client), (error) => isHyperkitError(error, 'not-found'))
    equal((await client.aliases.get('live')).target, first)
  })
}

/** Nothing listens: requests go straight into the server. */
function clientOf(dialect: 'lxd' | 'incus'): Client {
  const server = createImageServer({
    dialect,
    instances: [{ name: 'web1', files: { 'srv/index.html': 'hello' } }],
  })
  return createClient({
    transport: fetchTransport('http://unix.socket', {
      fetch: (input, init) => server.fetch(new Request(input, init)),
    }),
  })
}

/** An image made from the instance; each has another fingerprint. */
async function publish(client: Client, alias: string): Promise<string> {
  const image = await client.images.createFromInstance('web1', { aliases: [alias] })
  return image.fingerprint
}
