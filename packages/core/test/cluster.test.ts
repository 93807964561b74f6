import { createImageCluster, type Faults, type ImageCluster } from '@hyperkit/embedded'
import { afterEach, expect, test } from 'vitest'
import { type Client, createClient } from '../src/index.ts'
import { lxdServer, scriptedTransport, sync } from './scripted-transport.ts'

let cluster: ImageCluster | undefined
afterEach(() => cluster?.close())

/** A client of the first member, whose answer about the members is changed. */
async function openWith(faults: Faults): Promise<Client> {
  cluster = await createImageCluster({
    dialect: 'incus-7.0',
    faults: (request, answer) =>
      new URL(request.url).pathname === '/1.0/cluster/members' ? faults(request, answer) : answer(),
  })
  const [member] = cluster.members
  if (member === undefined) throw new Error('no members')
  return createClient({
    transport: {
      name: 'm1',
      origin: 'http://m1',
      fetch: (input, init) => member.fetch(new Request(input, init as RequestInit)),
    },
  })
}

const json = (status: number, body: object): Response => Response.json(body, { status })

test('a client that may not list the members is told that they are hidden, and not that there are none', async () => {
  const client = await openWith(() =>
    json(403, { type: 'error', error: 'Forbidden', error_code: 403, metadata: null }),
  )
  expect(await client.cluster()).toEqual({
    kind: 'hidden',
    reason: expect.stringContaining(
      'Cannot list the members of the cluster on "m1": the server answered 403',
    ),
  })
})

test('members that a client may not list may be down, so no image counts as unused', async () => {
  const client = await openWith(() =>
    json(403, { type: 'error', error: 'Forbidden', error_code: 403, metadata: null }),
  )
  await expect(client.images.used()).rejects.toMatchObject({
    code: 'not-authorized',
    missing: 'the right to see the members of the cluster',
    message: expect.stringContaining('the server answered 403'),
  })
})

test('a server that does not say whether it is a member of a cluster is not taken for a single one', async () => {
  const silent = createClient({
    transport: scriptedTransport(({ path }) => sync(path === '/1.0' ? lxdServer : [])),
  })
  expect(await silent.cluster()).toEqual({
    kind: 'hidden',
    reason: 'the server does not say whether it is a member of a cluster',
  })
  await expect(silent.images.used()).rejects.toMatchObject({ code: 'not-authorized' })
})

test.each([
  ['no list', {}],
  ['members without names', [{ status: 'Online' }]],
])('an answer with %s is an error, and not a cluster without members', async (_what, metadata) => {
  const client = await openWith(() => json(200, { type: 'sync', status_code: 200, metadata }))
  await expect(client.cluster()).rejects.toMatchObject({ code: 'unexpected-answer' })
  // A listing that cannot be read proves nothing, so no image counts as unused.
  await expect(client.images.used()).rejects.toMatchObject({ code: 'unexpected-answer' })
})

test('a state that is not known is kept in the words of the server', async () => {
  const client = await openWith(() =>
    json(200, {
      type: 'sync',
      status_code: 200,
      metadata: [{ server_name: 'm1', status: 'Evacuated', message: 'Unavailable due to maintenance' }],
    }),
  )
  expect(await client.cluster()).toMatchObject({
    kind: 'cluster',
    members: [{ name: 'm1', state: 'other', status: 'Evacuated', roles: [], url: '' }],
  })
})
