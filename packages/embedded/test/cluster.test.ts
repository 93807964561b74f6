import { expect, onTestFinished, test } from 'vitest'
import { createImageCluster, type DialectName, type ImageClusterMember } from '../src/index.ts'
import { type Envelope, readEnvelope } from './ask.ts'
import { makeArchive } from './make-archive.ts'

async function ask(
  member: ImageClusterMember,
  method: string,
  path: string,
  body?: BodyInit,
): Promise<Envelope> {
  const request = new Request('http://server/', { method, ...(body === undefined ? {} : { body }) })
  return readEnvelope(await member.fetch(request, { transport: 'unix', target: path }))
}

/** Three members that listen; each image is to be on all of them. */
async function open(dialect: DialectName) {
  const cluster = await createImageCluster({ dialect, replicas: -1 })
  onTestFinished(() => cluster.close())
  const [first, second, third] = cluster.members
  if (!first || !second || !third) throw new Error('a cluster has three members')
  for (const member of cluster.members) await member.listen({ https: {} })
  return { first, second, third }
}

async function uploadThrough(member: ImageClusterMember): Promise<{ err: string; fingerprint: string }> {
  const accepted = await ask(member, 'POST', '/1.0/images', await makeArchive())
  const { metadata, error } = await ask(member, 'GET', `${accepted.operation}/wait`)
  const { metadata: operation } = await ask(member, 'GET', accepted.operation)
  return { err: metadata?.err || error, fingerprint: operation.metadata.fingerprint }
}

test('the files of an image are on as many members as there are to be replicas', async () => {
  const { first, second } = await open('incus-7.0')
  const { err, fingerprint } = await uploadThrough(first)
  expect(err).toBe('')
  const { metadata } = await ask(second, 'GET', `/1.0/images/${fingerprint}`)
  expect(metadata.locations).toEqual(['m1', 'm2', 'm3'])
})

// The words while a member is down and not yet offline.
test.each([
  [
    'incus-7.0',
    /^Failed syncing image between servers: Failed to copy image to "[\d.:]+": Post ".*refused\]\)$/,
  ],
  ['lxd-5.0.3', /^Failed syncing image between nodes: Failed remote image download: Post ".*refused\]\)$/],
  ['lxd-5.21', /^Failed syncing image between nodes: Failed remote image download: Post ".*refused\]\)$/],
  ['lxd-6.9', /^Failed syncing image between nodes: Failed remote image download: Post ".*refused\)$/],
] as const)('an upload to %s while a member dies fails, and the image is stored', async (dialect, words) => {
  const { first, second, third } = await open(dialect)
  await second.kill()
  const { err, fingerprint } = await uploadThrough(first)
  expect(err).toMatch(words)
  expect((await ask(third, 'GET', `/1.0/images/${fingerprint}`)).status).toBe(200)
  const exported = await third.fetch(new Request('http://server/'), {
    transport: 'unix',
    target: `/1.0/images/${fingerprint}/export`,
  })
  expect(exported.status).toBe(200)
})
