import { equal, match, ok } from 'node:assert/strict'
import { type Client, OutcomeUnknownError } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'
import type { OwnServer } from '../harness/target.ts'

const topic = 'restart'
const needs = ['restart'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'the client waits for a server that is killed in the middle of a download, and does not guess the outcome',
    topic,
    needs,
    async run(context) {
      const { client, server } = await own(context)
      const { file, handle } = await holdDownload(context, { client })
      const waiting = expectError(handle.wait(), 'outcome-unknown')
      await server.restart('SIGKILL')
      const error = await waiting
      ok(error instanceof OutcomeUnknownError)
      match(error.message, /the server lost the operation/)
      ok(error.verify)
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'a download never looks like a success if the server is shut down in the middle',
    topic,
    needs,
    async run(context) {
      const { client, server } = await own(context)
      const { file, handle } = await holdDownload(context, { client })
      const waiting = expectError(handle.wait(), 'operation-cancelled', 'operation-failed', 'outcome-unknown')
      await server.restart('SIGTERM')
      await waiting
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'an upload whose operation was lost in a restart succeeds if its image is there',
    topic,
    needs,
    async run(context) {
      const { client, server } = await own(context)
      const file = await context.imageFile()
      const alias = context.unique('survived')
      const { fingerprint } = file
      const handle = await client.images.upload(file.source, { fingerprint, aliases: [alias], sync: false })
      await client.operations.wait(handle.id ?? '')
      await server.restart('SIGKILL')
      const image = await handle.wait()
      equal(image.fingerprint, fingerprint)
      equal(image.aliases[0]?.name, alias)
    },
  },
  {
    name: 'a client keeps working after a restart of the server',
    topic,
    needs,
    async run(context) {
      const { client, server } = await own(context)
      const before = await client.images.list()
      await server.restart('SIGTERM')
      equal((await client.images.list()).length, before.length)
      await server.restart('SIGKILL')
      equal((await client.server({ fresh: true })).trusted, true)
    },
  },
]

async function own(context: CaseContext): Promise<{ server: OwnServer; client: Client }> {
  const server = await context.startOwn()
  return { server, client: await context.connect({ server }) }
}
