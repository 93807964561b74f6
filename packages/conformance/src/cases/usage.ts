import { equal, match, ok } from 'node:assert/strict'
import { type Client, UsageHiddenError } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { meetRestricted } from '../harness/meet.ts'

const topic = 'usage'

export const cases: ConformanceCase[] = [
  {
    name: 'the image that an instance was made of is in use, for clients of every project',
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
    name: 'a client restricted to one project is not told which images are unused, in no project',
    topic,
    async run(context) {
      const [own, shared] = [await context.makeProject(), await makeSharing(context)]
      for (const project of ['default', own, shared]) {
        const guest = await meetRestricted(context, [project])
        for (const asked of ['default', own, shared]) await refuses(guest.project(asked))
        await refuses(guest)
      }
      // Who sees all projects may ask in each.
      for (const project of [own, shared]) await context.client.project(project).images.used()
    },
  },
  {
    name: 'a client restricted to two projects is not told either',
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
    name: 'a stranger is not told which images are unused',
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

/** A project with the images of `default`, which its instances use. */
async function makeSharing({ client, unique, cleanup }: CaseContext): Promise<string> {
  const name = unique('sharing')
  const config = { 'features.images': 'false', 'features.profiles': 'false' }
  await client.request({ method: 'POST', path: '/1.0/projects', json: { name, config } })
  cleanup(() => client.request({ method: 'DELETE', path: `/1.0/projects/${name}` }))
  return name
}
