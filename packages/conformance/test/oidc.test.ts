import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@hyperkit/connect'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { type BearerToken, mintToken } from '@hyperkit/core/parts'
import { saveImage, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { makeImage } from '../src/fixtures/make-image.ts'
import { configureOidc } from '../src/servers/configure-oidc.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { removeFolder } from '../src/servers/remove-folder.ts'
import type { RunningServer } from '../src/servers/running-server.ts'
import { type OidcProvider, startOidcProvider } from '../src/servers/start-oidc-provider.ts'
import { startServer } from '../src/servers/start-server.ts'

const absence = explainAbsence('incus')
const folder = mkdtempSync(join(tmpdir(), 'hk-oidc-'))
let server: RunningServer
let provider: OidcProvider

// A separate server, because OIDC changes its answers to every token.
beforeAll(async () => {
  if (absence !== undefined) return
  provider = await startOidcProvider()
  server = await startServer('incus')
  await configure({ 'oidc.issuer': provider.url })
})

afterAll(async () => {
  await server?.stop()
  await provider?.stop()
  await removeFolder(folder)
})

beforeEach((context) => {
  if (absence !== undefined) context.skip(absence)
})

const configure = (config: Record<string, string>): Promise<void> => configureOidc(server, provider, config)

async function connectWith(token?: BearerToken): Promise<Client> {
  const { url, serverFingerprint } = server
  const client = await connect({
    url,
    serverCertificate: serverFingerprint,
    ...(token === undefined ? {} : { token }),
  })
  onTestFinished(() => client.close())
  return client
}

async function refusalOf(client: Client): Promise<string> {
  const error = await client.images.list().then(
    () => expect.unreachable('the public view was taken for the truth'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'not-authorized', server: server.url })
  return String(error)
}

test('an access token uploads a private image, lists it and exports it byte for byte', async () => {
  const client = await connectWith(provider.issueToken())
  const image = await makeImage({ directory: folder, name: 'oidc', compression: 'none' })
  expect((await uploadImage(client, image.path, { aliases: ['of/ada'] })).fingerprint).toBe(image.fingerprint)
  expect(await client.images.list()).toMatchObject([{ fingerprint: image.fingerprint, public: false }])
  expect((await client.server()).trusted).toBe(true)
  const exported = await client.images.export(image.fingerprint)
  if (exported.kind !== 'unified') return expect.unreachable('it is one file')
  const hash = createHash('sha256')
  for await (const chunk of exported.body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk)
  expect(hash.digest('hex')).toBe(image.fingerprint)
  const saved = await saveImage(client, 'of/ada', folder, { filename: 'fingerprint' })
  expect(saved.fingerprint).toBe(image.fingerprint)
  await client.images.delete(image.fingerprint)
})

test('the error of a refused token says what is wrong with it and what to do', async () => {
  const now = Math.floor(Date.now() / 1000)
  for (const [token, words] of [
    [provider.issueToken({ exp: now - 60 }), /expired at .*; ask for a new one/],
    [
      provider.issueToken({ aud: ['grafana'] }),
      /it is for the audience "grafana"; ask .* with the audience "incus"/,
    ],
    [
      provider.issueToken({ iss: 'https://other.example.org' }),
      /"https:\/\/other.example.org" issued it; ask/,
    ],
    [provider.forgeToken(), /the server said "Failed to authenticate: invalid signature.*a new one/],
    [
      'opaque',
      /it is not a JWT; ask the OIDC provider "http:\/\/127.0.0.1:\d+" for an access token that is one/,
    ],
  ] as const) {
    const message = await refusalOf(await connectWith(token))
    expect(message).toMatch(words)
    expect(message).toContain(`Cannot authenticate to "${server.url}": it does not accept the token: `)
    expect(message).not.toContain(token)
  }
})

test('a token that expires while the client is in use is reported by the next call', async () => {
  let token = provider.issueToken()
  const client = await connectWith(() => token)
  expect(await client.images.list()).toEqual([])
  token = provider.issueToken({ exp: Math.floor(Date.now() / 1000) - 1 })
  expect(await refusalOf(client)).toMatch(/expired at/)
  token = provider.issueToken()
  expect(await client.images.list()).toEqual([])
})

test('the token function is called once more if the server refuses a token', async () => {
  const good = provider.issueToken()
  const bad = provider.forgeToken()
  const asked: (string | undefined)[] = []
  let current = bad
  const client = await connectWith((refused) => {
    if (refused !== undefined) {
      asked.push(refused)
      current = good
    }
    return current
  })
  expect(await client.images.list()).toEqual([])
  expect(asked).toEqual([bad])
})

test('a client with a token receives events, and a client whose token is refused gets the reason', async () => {
  const client = await connectWith(provider.issueToken())
  const image = await makeImage({ directory: folder, name: 'events', compression: 'none' })
  for await (const event of client.events({ types: ['lifecycle'] })) {
    if (event.type === 'connected') await uploadImage(client, image.path)
    else if (JSON.stringify(event).includes('image-created')) break
  }
  await client.images.delete(image.fingerprint)
  const late = await connectWith(provider.issueToken({ exp: 1_000_000_000 }))
  const error = await late
    .events()
    .next()
    .catch((reason: unknown) => reason)
  expect(String(error)).toMatch(/Cannot authenticate to .* expired at 2001-09-09T01:46:40.000Z/)
})

test('the error of a forbidden call without a token mentions the OIDC login', async () => {
  const client = await connectWith()
  expect((await client.server()).trusted).toBe(false)
  const image = await makeImage({ directory: folder, name: 'stranger', compression: 'none' })
  const error = await uploadImage(client, image.path).catch((reason: unknown) => reason)
  expect(isHyperkitError(error, 'not-authorized')).toBe(true)
  expect(String(error)).toContain(`or give an access token of "${provider.url}" as "token"`)
})

test('a server with OIDC also accepts a client certificate and a token signed with one', async () => {
  const { url, serverFingerprint, clientCertificate } = server
  const client = await connect({ url, serverCertificate: serverFingerprint, clientCertificate })
  onTestFinished(() => client.close())
  expect((await client.server()).trusted).toBe(true)
  const made = { certificate: clientCertificate.cert, key: clientCertificate.key }
  expect(await (await connectWith(await mintToken(made))).images.list()).toEqual([])
  const old = await mintToken({ ...made, now: () => Date.now() - 3_600_000 })
  expect(await refusalOf(await connectWith(old))).toMatch(/it expired at .*; ask for a new one/)
  const { cert, key } = server.untrustedCertificate
  expect(await refusalOf(await connectWith(await mintToken({ certificate: cert, key })))).toMatch(
    /not in the server's trust store; "incus config trust/,
  )
})

test('a server that cannot reach its provider is distinguished from a bad token', async () => {
  const gone = await startOidcProvider()
  const token = gone.issueToken()
  await gone.stop()
  await configure({ 'oidc.issuer': gone.url })
  onTestFinished(() => configure({ 'oidc.issuer': provider.url }))
  expect(await refusalOf(await connectWith(token))).toMatch(
    /it cannot check the token with its OIDC provider "http:\/\/127.0.0.1:\d+": .*make sure that the provider runs/,
  )
})

test('a server without OIDC is distinguished from one that refuses a token', async () => {
  await configure({ 'oidc.issuer': '', 'oidc.client.id': '' })
  onTestFinished(() => configure({ 'oidc.issuer': provider.url }))
  expect(await refusalOf(await connectWith(provider.issueToken()))).toMatch(
    /issued it, and this server accepts no OIDC logins: its "oidc.issuer" and "oidc.client.id" are not set/,
  )
})
