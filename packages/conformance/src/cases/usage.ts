import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type Client, UsageHiddenError } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { complete, makeInstance, makeSharing } from '../harness/make-instance.ts'
import { meetRestricted } from '../harness/meet.ts'

const topic = 'usage'

export const cases: ConformanceCase[] = [
  {
    name: 'an image of an instance is reported as used to clients of every project',
    topic,
    needs: ['instance'],
    async run({ client, socketClient, instance, makeProject }) {
      const { fingerprint } = await instance()
      const project = await makeProject()
      for (const one of [client, client.project('default'), client.project(project), socketClient]) {
        ok((await one.images.used()).has(fingerprint))
        ok((await one.images.used({ project })).has(fingerprint))
      }
    },
  },
  {
    name: 'an image is used if an instance uses it, in "default", in a project that shares its images, and in one with separate images',
    topic,
    async run(context) {
      const { client, socketClient } = context
      for (const project of ['default', await makeSharing(context), await context.makeProject()]) {
        const { fingerprint, remove } = await makeInstance(context, project)
        for (const one of [client, socketClient, client.project(project)])
          ok((await one.images.used()).has(fingerprint), project)
        await remove()
        ok(!(await client.images.used()).has(fingerprint), project)
      }
    },
  },
  {
    name: 'an image is used if only a snapshot was made from it',
    topic,
    async run(context) {
      const { client, makeProject } = context
      for (const project of ['default', await makeSharing(context), await makeProject()]) {
        const { fingerprint, path, remove } = await makeInstance(context, project)
        const within = client.project(project)
        await complete(within, 'POST', `${path}/snapshots`, { name: 'before' })
        // A rebuild does the same.
        const other = randomBytes(32).toString('hex')
        await complete(within, 'PATCH', path, { config: { 'volatile.base_image': other } })
        const used = await within.images.used()
        deepEqual([used.has(fingerprint), used.has(other)], [true, true])
        await remove()
        ok(!(await within.images.used()).has(fingerprint))
      }
    },
  },
  {
    name: 'an image is used if only a profile of a project that shares the images names it',
    topic,
    async run(context) {
      const { client, uploaded } = context
      const project = await makeSharing(context, { 'features.profiles': 'true' })
      const { fingerprint } = await uploaded()
      ok(!(await client.images.used()).has(fingerprint))
      const profile = { description: '', config: { 'user.image': fingerprint }, devices: {} }
      await complete(client.project(project), 'PUT', '/1.0/profiles/default', profile)
      for (const one of [client, client.project('default'), client.project(project)])
        ok((await one.images.used()).has(fingerprint))
    },
  },
  {
    name: 'a client restricted to one project cannot list used images of any project',
    topic,
    async run(context) {
      const [own, shared] = [await context.makeProject(), await makeSharing(context)]
      for (const project of ['default', own, shared]) {
        const guest = await meetRestricted(context, [project])
        for (const asked of ['default', own, shared]) await refuses(guest.project(asked))
        await refuses(guest)
      }
      // A client that sees all projects can ask in each.
      for (const project of [own, shared]) await context.client.project(project).images.used()
    },
  },
  {
    name: 'a client restricted to two projects cannot list used images of either',
    topic,
    async run(context) {
      const [own, shared] = [await context.makeProject(), await makeSharing(context)]
      const guest = await meetRestricted(context, ['default', own])
      for (const project of ['default', own]) await refuses(guest.project(project))
      const other = await meetRestricted(context, [own, shared])
      for (const project of [own, shared]) await refuses(other.project(project))
    },
  },
  {
    name: 'an untrusted client cannot list used images',
    topic,
    run: ({ untrustedClient }) => refuses(untrustedClient),
  },
]

async function refuses(client: Client): Promise<void> {
  const error = await expectError(client.images.used(), 'not-authorized')
  ok(error instanceof UsageHiddenError)
  match(error.message, /^Cannot tell which images of ".+" are in use: this client lacks /)
  equal(error.message.includes(error.missing), true)
}
