import { deepEqual, equal, ok } from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { copyImage, createClient } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hideServer } from '../harness/hide-server.ts'
import { makeCertificate } from '../servers/make-certificate.ts'
import { offer } from './copy.ts'

const topic = 'copy'
const needs = ['second-server'] as const

/** An address where no server listens. */
const nowhere = '127.0.0.1:1'

export const cases: ConformanceCase[] = [
  {
    name: 'a copy leaves no secret and no token behind',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered: string[] = []
      const offerOne = async (): Promise<string> => {
        const { fingerprint } = await offer(context, source.client)
        offered.push(fingerprint)
        return fingerprint
      }
      // Only tokens of these images, because other clients of the server have their own.
      const tokens = async (): Promise<string[]> => {
        const all = [...(await source.client.operations.list()), ...(await client.operations.list())]
        return all
          .filter((one) => one.class === 'token' && one.state === 'running')
          .map(({ resources, metadata }) => JSON.stringify([resources, metadata]))
          .filter((text) => offered.some((fingerprint) => text.includes(fingerprint)))
      }
      const { operation } = await source.client.images.createSecret(await offerOne())
      equal((await tokens()).length, 1)
      await operation.cancel()
      const from = createClient({
        transport: hideServer(await context.transport({ server: source }), nowhere),
      })
      const to = createClient({ transport: hideServer(await context.transport(), nowhere) })
      for (const mode of ['pull', 'push'] as const) {
        await copyImage(source.client, client, await offerOne(), { mode })
        await expectError(copyImage(from, to, await offerOne(), { mode }), 'copy-failed')
      }
      deepEqual(await tokens(), [])
    },
  },
  {
    name: 'the error of a failed download does not show the secret',
    topic,
    async run({ client, cleanup }) {
      const { cert, key } = makeCertificate({ name: 'source', addresses: ['127.0.0.1'] })
      const api = { type: 'sync', status: 'Success', status_code: 200 }
      const metadata = { api_extensions: [], api_version: '1.0', auth: 'untrusted', environment: null }
      // The source breaks off when it is asked for the image: servers then name the failed address, including the secret.
      const server = createServer({ cert, key }, (request, response) => {
        if (request.url === '/1.0')
          response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...api, metadata }))
        else request.socket.destroy()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      cleanup(() => server.close())
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
      const secret = 'c0ffee'.repeat(10)
      const fingerprint = 'd'.repeat(64)
      const pull = client.images.createFromRemote(url, { fingerprint, secret, certificate: cert })
      const error = await expectError(pull, 'operation-failed')
      ok(error.message.includes(url), error.message)
      ok(!inspect(error, { depth: 9 }).includes(secret), error.message)
    },
  },
]
