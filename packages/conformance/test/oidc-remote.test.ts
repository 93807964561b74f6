import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { connect, recordTransport } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { configureOidc } from '../src/servers/configure-oidc.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { makeCertificate } from '../src/servers/make-certificate.ts'
import { removeFolder } from '../src/servers/remove-folder.ts'
import type { RunningServer } from '../src/servers/running-server.ts'
import { type OidcProvider, startOidcProvider } from '../src/servers/start-oidc-provider.ts'
import { startServer } from '../src/servers/start-server.ts'

const absence = explainAbsence('incus')
const program = ['/usr/bin/incus', '/opt/incus/bin/incus'].find((path) => existsSync(path))
const folder = mkdtempSync(join(tmpdir(), 'hk-oidc-'))
const environment = { HOME: folder, INCUS_CONF: join(folder, 'incus'), PATH: process.env.PATH ?? '' }
let server: RunningServer
let provider: OidcProvider

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
  provider.lifetime = 3600
})

const configure = (config: Record<string, string>): Promise<void> => configureOidc(server, provider, config)

interface Stored {
  access_token: string
  refresh_token: string
  expiry: string
  IDToken: string
}

const pathOf = (name: string): string => join(environment.INCUS_CONF, 'oidctokens', `${name}.json`)
const read = async (name: string): Promise<Stored> => JSON.parse(await readFile(pathOf(name), 'utf8'))

/** A remote of auth_type oidc, with tokens in the file that the `incus` client writes. */
async function addRemote(name: string, tokens?: Partial<Stored>): Promise<void> {
  await mkdir(join(environment.INCUS_CONF, 'oidctokens'), { recursive: true })
  await mkdir(join(environment.INCUS_CONF, 'servercerts'), { recursive: true })
  const entry = `  ${name}:\n    addr: ${server.url}\n    auth_type: oidc\n    protocol: incus\n    public: false\n`
  await writeFile(join(environment.INCUS_CONF, 'config.yml'), `default-remote: local\nremotes:\n${entry}`)
  await writeFile(join(environment.INCUS_CONF, 'servercerts', `${name}.crt`), server.serverCertificate)
  if (tokens) await writeFile(pathOf(name), JSON.stringify({ token_type: 'Bearer', ...tokens }))
}

const past = (): number => Math.floor(Date.now() / 1000) - 60
const expired = (claims: object = {}): string => provider.issueToken({ exp: past(), ...claims })

async function open(name: string): Promise<Client> {
  const client = await connect({ remote: name, environment })
  onTestFinished(() => client.close())
  return client
}

async function failureOf(promise: Promise<unknown>): Promise<Error & { code: string }> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (reason: unknown) => reason as Error & { code: string },
  )
}

/** Asynchronous, because the provider that the client calls runs in this process. */
async function incus(...words: string[]): Promise<string> {
  const env = { ...environment, BROWSER: 'true' }
  return (await promisify(execFile)(program ?? 'incus', words, { env })).stdout
}

test('a login made by the real incus client works here, and a login renewed here works for the incus client', async (context) => {
  if (program === undefined) return context.skip('the incus client is not installed')
  provider.lifetime = 3600
  await incus('remote', 'add', 'lab', server.url, '--accept-certificate', '--auth-type=oidc')
  const client = await open('lab')
  expect((await client.server()).trusted).toBe(true)
  expect(await client.images.list()).toEqual([])

  const login = await read('lab')
  await writeFile(pathOf('lab'), JSON.stringify({ ...login, access_token: expired() }))
  expect(await client.images.list()).toEqual([])
  const renewed = await read('lab')
  expect(renewed.refresh_token).not.toBe(login.refresh_token)
  const before = provider.requests.length
  await incus('image', 'list', 'lab:', '--format=csv')
  expect(provider.requests.slice(before)).toEqual([])
  expect((await read('lab')).access_token).toBe(renewed.access_token)
})

test('an expired token is renewed once for all requests, and stored where the incus client looks for it', async () => {
  const refresh = provider.issueRefreshToken()
  await addRemote('prod', { access_token: expired(), refresh_token: refresh, IDToken: 'kept' })
  const client = await open('prod')
  const before = provider.requests.length
  await Promise.all([client.images.list(), client.aliases.list(), client.images.fingerprints()])
  const asked = provider.requests.slice(before).filter((request) => request.startsWith('POST'))
  expect(asked).toEqual(['POST /token refresh_token'])
  const stored = await read('prod')
  expect(stored).toMatchObject({ IDToken: 'kept', token_type: 'Bearer' })
  expect(stored.refresh_token).not.toBe(refresh)
  expect(Math.abs(Date.parse(stored.expiry) - Date.now() - 3_600_000)).toBeLessThan(600_000)
  expect((await stat(pathOf('prod'))).mode & 0o777).toBe(0o600)
  expect(
    (await readdir(join(environment.INCUS_CONF, 'oidctokens'))).filter((n) => n.endsWith('.part')),
  ).toEqual([])
})

test('a token is renewed again if it expires while a client is in use', async () => {
  provider.lifetime = 5
  await addRemote('prod', { access_token: expired(), refresh_token: provider.issueRefreshToken() })
  const client = await open('prod')
  expect(await client.images.list()).toEqual([])
  const first = (await read('prod')).refresh_token
  provider.lifetime = 3600
  await writeFile(pathOf('prod'), JSON.stringify({ ...(await read('prod')), access_token: expired() }))
  expect(await client.images.list()).toEqual([])
  expect((await read('prod')).refresh_token).not.toBe(first)
})

test('a token that the server no longer accepts is renewed once, whatever its expiry', async () => {
  const refused = provider.forgeToken()
  await addRemote('prod', { access_token: refused, refresh_token: provider.issueRefreshToken() })
  const client = await open('prod')
  const before = provider.requests.length
  await Promise.all([client.images.list(), client.aliases.list(), client.images.fingerprints()])
  const asked = provider.requests.slice(before).filter((request) => request.startsWith('POST'))
  expect(asked).toEqual(['POST /token refresh_token'])
  await writeFile(pathOf('prod'), JSON.stringify({ ...(await read('prod')), access_token: refused }))
  expect(await client.images.list()).toEqual([])

  await writeFile(pathOf('prod'), JSON.stringify({ access_token: refused, refresh_token: 'used' }))
  expect((await failureOf(client.images.list())).message).toMatch(
    /^Cannot connect to "prod": the server no longer accepts the OIDC token, and its provider ".*" refuses to renew it/,
  )
  await writeFile(pathOf('prod'), JSON.stringify({ access_token: refused }))
  expect((await failureOf(client.images.list())).message).toMatch(
    /^Cannot authenticate to "prod": it does not accept the token: the server said ".*invalid signature/,
  )
})

test('a recording of a token renewal contains no token', async () => {
  const tapes = mkdtempSync(join(folder, 'tapes-'))
  const tokens = { access_token: expired(), refresh_token: provider.issueRefreshToken() }
  await addRemote('prod', tokens)
  const client = await connect({
    remote: 'prod',
    environment,
    wrapTransport: (transport) => recordTransport(transport, { directory: tapes }),
  })
  onTestFinished(() => client.close())
  expect(await client.images.list()).toEqual([])
  const names = await readdir(tapes)
  const text = (await Promise.all(names.map((name) => readFile(join(tapes, name), 'utf8')))).join()
  expect(text).toContain('/1.0/images')
  const { access_token, refresh_token } = await read('prod')
  for (const secret of [...Object.values(tokens), access_token, refresh_token])
    expect(text).not.toContain(secret)
})

test('an error that requires a login says how to log in, and shows no token', async () => {
  const used = 'used-refresh-token'
  for (const [tokens, words] of [
    [undefined, /there is no OIDC token file ".*prod.json"/],
    [{ access_token: '' }, /contains no access token/],
    [{ access_token: expired() }, /the OIDC token expired at .*, and the provider issued no refresh token/],
    [
      { access_token: expired(), refresh_token: used },
      /expired at .*, and its provider ".*" refuses to renew it: "invalid_grant: unknown or used already"/,
    ],
    [
      { access_token: expired({ iss: 'https://evil.example.org' }), refresh_token: used },
      /issued by "https:\/\/evil.example.org", and the server now accepts tokens of/,
    ],
  ] as const) {
    await addRemote('prod', tokens)
    if (tokens === undefined) await removeFolder(pathOf('prod'))
    const before = provider.requests.length
    const error = await failureOf((await open('prod')).images.list())
    expect(error.message).toMatch(words)
    expect(error.message).toMatch(/^Cannot connect to "prod": .*; log in with "incus info prod:"$/)
    expect(error.code).toBe('invalid-configuration')
    expect(error.message).not.toContain(used)
    if (words.source.includes('evil')) expect(provider.requests.slice(before)).toEqual([])
  }
})

test('a refresh token that another process used first is no failure if the new login is in the file', async () => {
  await addRemote('prod', { access_token: expired(), refresh_token: 'used' })
  const good = provider.issueToken()
  provider.onGrant = () => writeFile(pathOf('prod'), JSON.stringify({ access_token: good }))
  onTestFinished(() => {
    provider.onGrant = undefined
  })
  expect(await (await open('prod')).images.list()).toEqual([])
  expect((await read('prod')).access_token).toBe(good)
})

test('a refresh token is not used if the new one could not be stored', async () => {
  // The name of the temporary file would be too long for a file system.
  const name = 'n'.repeat(245)
  const refresh = provider.issueRefreshToken()
  await addRemote(name, { access_token: expired(), refresh_token: refresh })
  const before = provider.requests.length
  const error = await failureOf((await open(name)).images.list())
  expect(error.code).toBe('file-unwritable')
  expect(error.message).toMatch(
    /the OIDC token expired at .*, and a new one could not be saved: .* the name is too long/,
  )
  expect(provider.requests.slice(before)).toEqual([])
})

test('an unreachable provider is reported, and the login stays as it is', async () => {
  const gone = await startOidcProvider()
  await addRemote('prod', {
    access_token: gone.issueToken({ exp: past() }),
    refresh_token: gone.issueRefreshToken(),
  })
  await configure({ 'oidc.issuer': gone.url })
  onTestFinished(() => configure({ 'oidc.issuer': provider.url }))
  await gone.stop()
  const before = await readFile(pathOf('prod'), 'utf8')
  const error = await failureOf((await open('prod')).images.list())
  expect(error.code).toBe('unreachable')
  expect(error.message).toMatch(/its provider "http:\/\/127.0.0.1:\d+" did not renew it: /)
  expect(await readFile(pathOf('prod'), 'utf8')).toBe(before)
})

test('a provider whose certificate is not trusted gets no request', async () => {
  const asked: string[] = []
  const stranger = createServer(
    makeCertificate({ name: 'stranger', addresses: ['127.0.0.1'] }),
    (request, response) => {
      asked.push(request.url ?? '')
      response.end()
    },
  )
  await once(stranger.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void stranger.close())
  const iss = `https://127.0.0.1:${(stranger.address() as AddressInfo).port}`
  await addRemote('prod', { access_token: expired({ iss }), refresh_token: 'kept back' })
  await configure({ 'oidc.issuer': iss })
  onTestFinished(() => configure({ 'oidc.issuer': provider.url }))
  const error = await failureOf((await open('prod')).images.list())
  expect(error.code).toBe('unreachable')
  expect(error.message).toMatch(
    /did not renew it: its certificate is not signed by an authority that this system trusts; log in/,
  )
  expect(asked).toEqual([])
})
