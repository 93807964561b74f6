// Tests your own code on an image server in this process that behaves like LXD or Incus.
//
//   bun test · deno test -A · node --test (Node 22.18 and later; earlier versions run only JavaScript)

import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, createClient, fetchTransport, isHyperkitError } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'

/** The code under test: the alias `live` moves to the image of `next`, and `next` is deleted. */
async function promote(client: Client): Promise<string> {
  const next = await client.aliases.get('next')
  await client.aliases.set('live', { target: next.target })
  await client.aliases.delete('next')
  return next.target
}

for (const dialect of ['lxd', 'incus'] as const) {
  test(`promote moves the alias, on ${dialect}`, async () => {
    const client = clientOf(dialect)
    const [first, second] = [await publish(client, 'live'), await publish(client, 'next')]
    equal(await promote(client), second)
    deepEqual(
      (await client.aliases.list()).map(({ name, target }) => [name, target]),
      [['live', second]],
    )
    equal((await client.images.get(first)).fingerprint, first)
  })

  test(`promote changes nothing if there is no alias next, on ${dialect}`, async () => {
    const client = clientOf(dialect)
    const first = await publish(client, 'live')
    await rejects(promote(client), (error) => isHyperkitError(error, 'not-found'))
    equal((await client.aliases.get('live')).target, first)
  })
}

/** The server does not listen: requests go straight to its function. */
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

/** Publishes the instance; each image has a different fingerprint. */
async function publish(client: Client, alias: string): Promise<string> {
  const image = await client.images.createFromInstance('web1', { aliases: [alias] })
  return image.fingerprint
}
