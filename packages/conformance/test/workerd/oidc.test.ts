import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeImage } from '../../src/fixtures/make-image.ts'
import { configureOidc } from '../../src/servers/configure-oidc.ts'
import { explainAbsence } from '../../src/servers/explain-absence.ts'
import { removeFolder } from '../../src/servers/remove-folder.ts'
import type { RunningServer } from '../../src/servers/running-server.ts'
import { type OidcProvider, startOidcProvider } from '../../src/servers/start-oidc-provider.ts'
import { startServer } from '../../src/servers/start-server.ts'
import { type RunningWorker, startWorker } from './start-worker.ts'

const absence = explainAbsence('incus')
const folder = mkdtempSync(join(tmpdir(), 'hk-oidc-edge-'))
let server: RunningServer
let provider: OidcProvider
let worker: RunningWorker

beforeAll(async () => {
  if (absence !== undefined) return
  provider = await startOidcProvider()
  server = await startServer('incus')
  await configureOidc(server, provider, { 'oidc.issuer': provider.url })
  worker = await startWorker({
    source: 'packages/conformance/test/workerd/oidc-worker.ts',
    folder,
    bindings: { SERVER: server.url },
    trusted: server.serverCertificate,
  })
})

afterAll(async () => {
  await worker?.stop()
  await server?.stop()
  await provider?.stop()
  await removeFolder(folder)
})

beforeEach((context) => {
  if (absence !== undefined) context.skip(absence)
})

const ask = (path: string, token: string | undefined, body?: Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(`${worker.url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body }),
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  })

test('a worker uploads, lists and exports private images with the access token that it was given', async () => {
  const token = provider.issueToken()
  const { path, fingerprint } = await makeImage({ directory: folder, name: 'edge', compression: 'none' })
  const uploaded = await ask('/upload', token, new Uint8Array(readFileSync(path)))
  expect(await uploaded.json()).toMatchObject({ fingerprint, public: false })
  expect(await (await ask('/list', token)).json()).toMatchObject([{ fingerprint }])
  const exported = await (await ask(`/export?fingerprint=${fingerprint}`, token)).arrayBuffer()
  expect(createHash('sha256').update(new Uint8Array(exported)).digest('hex')).toBe(fingerprint)

  // A request without a token sees only public images, and there are none here.
  expect(await (await ask('/list', undefined)).json()).toEqual([])
  const stranger = await ask(`/export?fingerprint=${fingerprint}`, undefined)
  expect(await stranger.json()).toMatchObject({ code: 'not-found' })
})

test('a worker whose token is refused says why', async () => {
  const exp = Math.floor(Date.now() / 1000) - 60
  for (const [token, words] of [
    [provider.issueToken({ exp }), /expired at .*; ask for a new one/],
    [provider.issueToken({ aud: 'grafana' }), /it is for the audience "grafana"/],
    [provider.forgeToken(), /invalid signature/],
  ] as const) {
    const answer = await ask('/list', token)
    expect(await answer.json()).toEqual({ code: 'not-authorized', message: expect.stringMatching(words) })
  }
})
