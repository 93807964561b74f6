import {
  connect,
  createTransport,
  parseTrustToken,
  readServerCertificate,
  type TransportOptions,
  trust,
} from '@hyperkit/connect'
import { CertificateChangedError, createClient, isHyperkitError } from '@hyperkit/core'
import { expect, onTestFinished, test } from 'vitest'
import { certificateOf, serveHttps } from './serve.ts'

const own = await certificateOf('server')
const other = await certificateOf('other')
const mine = await certificateOf('client')

const tokenOf = (fingerprint: string, more: object = {}): string =>
  btoa(
    JSON.stringify({
      client_name: 'ci',
      fingerprint,
      addresses: ['10.1.0.7:8443', '[fd00::7]:8443'],
      secret: 's3cret',
      ...more,
    }),
  )

async function setUp(extensions: string[]): Promise<{ url: string; posted: unknown[] }> {
  const posted: unknown[] = []
  const served = await serveHttps(own, (request, response) => {
    let text = ''
    request.on('data', (piece: Uint8Array) => {
      text += new TextDecoder().decode(piece)
    })
    request.on('end', () => {
      if (request.method === 'POST') posted.push(JSON.parse(text))
      const metadata = { api_extensions: extensions, auth: 'untrusted', config: null, environment: null }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ type: 'sync', status: 'Success', status_code: 200, metadata }))
    })
  })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return { url: served.url, posted }
}

const clientCertificate = { cert: mine.certificate, key: mine.key }

test('a trust token contains the fingerprint of the server, its addresses and the name', () => {
  expect(parseTrustToken(tokenOf(own.fingerprint, { expires_at: '0001-01-01T00:00:00Z' }))).toEqual({
    clientName: 'ci',
    fingerprint: own.fingerprint,
    addresses: ['https://10.1.0.7:8443', 'https://[fd00::7]:8443'],
    expiresAt: undefined,
  })
  for (const broken of ['', 'x', btoa('{}'), btoa('[]'), tokenOf('abc')]) {
    expect(() => parseTrustToken(broken)).toThrow(/^Cannot read trust token: /)
  }
})

test('a bearer token is refused as a trust token, and the error does not show it', () => {
  const part = (content: object) => btoa(JSON.stringify(content)).replaceAll('=', '')
  const bearer = `${part({ alg: 'HS512' })}.${part({ sub: 'x' })}.signature`
  expect(() => parseTrustToken(bearer)).toThrow(
    /^Cannot read trust token: it is a bearer token, which [^.]+$/,
  )
})

test('a token is sent in the field that the server reads', async () => {
  const token = tokenOf(own.fingerprint)
  for (const [extensions, field] of [
    [['dev_incus_images'], 'trust_token'],
    [['devlxd_images'], 'password'],
    [['devlxd_images', 'explicit_trust_token'], 'trust_token'],
  ] as const) {
    const { url, posted } = await setUp([...extensions])
    const client = await connect({ url, serverCertificate: own.fingerprint, clientCertificate })
    await trust(client, { token })
    expect(posted).toEqual([{ type: 'client', name: 'ci', [field]: token }])
    client.close()
  }
})

test('a token of another server is not sent', async () => {
  const { url, posted } = await setUp(['dev_incus_images'])
  const client = await connect({ url, serverCertificate: own.fingerprint, clientCertificate })
  await expect(trust(client, { token: tokenOf(other.fingerprint) })).rejects.toBeInstanceOf(
    CertificateChangedError,
  )
  await expect(
    trust(client, { token: tokenOf(own.fingerprint, { expires_at: '2020-01-01T00:00:00Z' }) }),
  ).rejects.toThrow(/expired/)
  expect(posted).toEqual([])
})

test('a client that cannot be enrolled is refused with the reason', async () => {
  const { url } = await setUp(['dev_incus_images'])
  const token = tokenOf(own.fingerprint)
  const bare = await connect({ url, serverCertificate: own.fingerprint })
  await expect(trust(bare, { token })).rejects.toThrow(/presents no certificate/)
  const socket = await connect({ socket: '/nowhere/unix.socket' })
  await expect(trust(socket, { token })).rejects.toThrow(/only an HTTPS connection/)
  const foreign = createClient({
    transport: await createTransport({ url, serverCertificate: own.fingerprint }),
  })
  await expect(trust(foreign, { token })).rejects.toThrow(/not made by connect/)
})

test('options that cannot work are refused before anything is sent', async () => {
  for (const [options, argument] of [
    [{ url: 'ftp://a' }, 'url'],
    [{ url: 'a b' }, 'url'],
    [{ url: 'https://u:p@a' }, 'url'],
    [{ url: 'https://a/1.0' }, 'url'],
    [{ url: 'http://a', serverCertificate: own.fingerprint }, 'serverCertificate'],
    [{ url: 'http://a', token: 't' }, 'token'],
    [{ url: 'https://a', serverCertificate: 'abc' }, 'serverCertificate'],
    [
      { url: 'https://a', serverCertificate: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----' },
      'serverCertificate',
    ],
    [{ socket: '' }, 'socket'],
  ] as const) {
    const error = await createTransport({ ...options } as TransportOptions).catch((reason: unknown) => reason)
    expect(isHyperkitError(error, 'invalid-argument')).toBe(true)
    expect(error).toMatchObject({ argument })
  }
  expect((await createTransport({ url: 'https://a', environment: {} })).origin).toBe('https://a:8443')
  expect((await createTransport({ url: 'https://a:443', environment: {} })).origin).toBe('https://a')
})

test('the certificate of a server that cannot be reached is an error that names the server', async () => {
  const error = await readServerCertificate({ url: 'https://127.0.0.1:1' }).catch((reason: unknown) => reason)
  expect(isHyperkitError(error, 'unreachable')).toBe(true)
  expect(String(error)).toMatch(
    /Cannot read the certificate of "https:\/\/127\.0\.0\.1:1": .+; check the address and port/,
  )
})
