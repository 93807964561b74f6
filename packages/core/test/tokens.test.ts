import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { createClient, createTokenSource, fetchTransport, isHyperkitError } from '../src/index.ts'
import { mintToken, readTokenClaims } from '../src/parts.ts'
import { failure, scriptedTransport, sync } from './scripted-transport.ts'

const own = await createSelfSignedCertificate({ commonName: 'own' })
const other = await createSelfSignedCertificate({ commonName: 'other' })
const { certificate, key } = own

const decode = (token: string, part: number): string =>
  atob((token.split('.')[part] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
const claimsOf = (token: string): { sub: string; exp: number; nbf: number } => JSON.parse(decode(token, 1))
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  )

test('a minted token has exactly the bytes that Go would write', async () => {
  const token = await mintToken({ certificate, key, lifetime: 300, now: () => 1_800_000_000_987 })
  expect(decode(token, 0)).toBe('{"alg":"ES384","typ":"JWT"}')
  expect(decode(token, 1)).toBe(`{"sub":"${own.fingerprint}","exp":1800000300,"nbf":1799999940}`)
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{128}$/)
})

test('a refusal to mint says what to do and does not show the key', async () => {
  const encrypted = createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString()
  const oldEncrypted = key
    .replaceAll('PRIVATE KEY', 'EC PRIVATE KEY')
    .replace('KEY-----\n', 'KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const openssh = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----'
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
  for (const [options, argument, words] of [
    [{ key: encrypted }, 'key', /is encrypted; decrypt a copy with "openssl pkey/],
    [{ key: oldEncrypted }, 'key', /is encrypted; decrypt a copy/],
    [{ key: openssh }, 'key', /format of OpenSSH; convert a copy with "ssh-keygen/],
    [{ key: other.key }, 'key', /does not belong to "certificate".*that the certificate was made with/],
    [{ key: rsa }, 'key', /not the kind of key that the certificate has/],
    [{ key: certificate }, 'key', /not PEM text with a PRIVATE KEY block; give the text of "client.key"/],
    [{ certificate: '/etc/client.crt' }, 'certificate', /not PEM text with a CERTIFICATE block/],
    [{ certificate: broken }, 'certificate', /cannot be read as an X.509 certificate/],
    [{ lifetime: 0 }, 'lifetime', /for 0 seconds: a whole number from 1 to 86400/],
    [{ lifetime: 1.5 }, 'lifetime', /for 1.5 seconds/],
    [{ lifetime: 90_000 }, 'lifetime', /for 90000 seconds/],
    [{ now: () => 0 }, 'now', /the clock says 1970-01-01T00:00:00.000Z; set it/],
    [{ now: () => Number.NaN }, 'now', /the clock says NaN/],
  ] as const) {
    const error = await failureOf(mintToken({ certificate, key, ...options }))
    expect(error).toMatchObject({ code: 'invalid-argument', argument })
    expect(String(error)).toMatch(words)
    expect(String(error)).not.toContain(key.split('\n')[1])
  }
})

test('a certificate is found among other PEM blocks, also with Windows line ends', async () => {
  const chain = `subject=own\r\n${certificate.replaceAll('\n', '\r\n')}${other.certificate}`
  const token = await mintToken({ certificate: chain, key: key.replaceAll('\n', '\r\n') })
  expect(claimsOf(token).sub).toBe(own.fingerprint)
})

test('a token source reuses a token until it nears its expiry or the clock is set back', async () => {
  let now = 1_800_000_000_000
  const source = createTokenSource({ certificate, key, lifetime: 100, now: () => now })
  const first = await source()
  now += 74_000
  expect(await source()).toBe(first)
  now += 2_000
  const second = await source()
  expect(claimsOf(second).exp).toBe(1_800_000_176)
  now -= 3_600_000
  expect(claimsOf(await source()).nbf).toBeLessThan(now / 1000)
})

test('a token is never sent over the network unencrypted', () => {
  expect(() => fetchTransport('http://a:8443', { token: 'secret' })).toThrow(/unencrypted; write "https:"/)
  expect(fetchTransport('http://127.0.0.1:8443', { token: 'secret' }).origin).toBe('http://127.0.0.1:8443')
})

test('a transport asks for its token before each request', async () => {
  const shown: (string | null)[] = []
  let count = 0
  const transport = fetchTransport('https://a:8443', {
    token: () => `token-${++count}`,
    fetch: async (input) => {
      shown.push((input as Request).headers.get('authorization'))
      return sync({ ...incus, auth: 'trusted' })
    },
  })
  await transport.fetch('https://a:8443/1.0')
  await transport.fetch('https://a:8443/1.0')
  expect(shown).toEqual(['Bearer token-1', 'Bearer token-2'])
})

const incus = { api_extensions: ['dev_incus_images', 'auth_tls_jwt'], auth: 'untrusted', environment: null }
const lxd = { api_extensions: ['devlxd_images', 'auth_bearer'], auth: 'untrusted', environment: null }

async function refusal(server: object, token: string, date = new Date()): Promise<unknown> {
  const transport = scriptedTransport(() => sync(server, { date: date.toUTCString() }))
  return failureOf(createClient({ transport: { ...transport, token: async () => token } }).images.list())
}

test('a refused token is explained by the server’s own clock', async () => {
  const token = await mintToken({ certificate, key, lifetime: 60 })
  const ahead = await refusal(incus, token, new Date(Date.now() + 3_600_000))
  expect(String(ahead)).toMatch(/expired at .*, and the clocks differ by 3\d\d\d seconds: .* here, .* there/)
  const behind = await refusal(incus, token, new Date(Date.now() - 3_600_000))
  expect(String(behind)).toMatch(/is not valid before .*, and the clocks differ by 3\d\d\d seconds/)
  expect(isHyperkitError(behind, 'not-authorized')).toBe(true)
})

test('a refused token is explained by the extension that the server lacks', async () => {
  const minted = await mintToken({ certificate, key })
  const old = { ...incus, api_extensions: ['dev_incus_images'] }
  expect(await refusal(old, minted)).toMatchObject({ code: 'unsupported', extension: 'auth_tls_jwt' })
  // An access token of an OIDC login needs nothing but OIDC.
  const oidc = { ...incus, api_extensions: ['dev_incus_images', 'oidc'] }
  expect(await refusal(oidc, 'access-token')).toMatchObject({ code: 'not-authorized' })
  expect(String(await refusal(lxd, minted))).toMatch(
    /LXD accepts no token that a client minted; use one that LXD issues/,
  )
  expect(await refusal(lxd, 'issued')).toMatchObject({ code: 'not-authorized' })
  const none = { ...lxd, api_extensions: ['devlxd_images'] }
  expect(await refusal(none, 'issued')).toMatchObject({ code: 'unsupported', extension: 'auth_bearer' })
})

test('a client checks once that the server accepts its token', async () => {
  const transport = scriptedTransport(({ path }) =>
    path === '/1.0'
      ? sync({ ...incus, auth: 'trusted', config: { 'core.https_address': '[::]:8443' } })
      : sync([]),
  )
  const client = createClient({ transport: { ...transport, token: async () => 'token' } })
  await client.aliases.list()
  await client.images.list()
  expect(transport.said.map(({ path }) => path)).toEqual([
    '/1.0',
    '/1.0/images/aliases?recursion=1',
    '/1.0/images?recursion=1',
  ])
})

test('a 401 is explained on either kind of server, with a token and without one', async () => {
  const words = 'Failed to authenticate: token has expired\u001b[2J'
  const body = JSON.stringify({ type: 'error', error: words, error_code: 401, metadata: null })
  const encode = (part: object): string => btoa(JSON.stringify(part)).replaceAll('=', '')
  const issued = (claims: object): string => `${encode({ alg: 'RS256' })}.${encode(claims)}.sig`
  for (const kind of ['Incus', 'LXD']) {
    const headers = {
      'content-type': 'application/json',
      date: new Date(1_800_000_000_000).toUTCString(),
      [`X-${kind}-OIDC-issuer`]: 'https://login.example.org',
      [`X-${kind}-OIDC-audience`]: 'images',
    }
    const answers = (): Response => new Response(body, { status: 401, headers })
    const failWith = (token?: string): Promise<unknown> => {
      const transport = scriptedTransport(answers)
      const shown = token === undefined ? transport : { ...transport, token: async () => token }
      return failureOf(createClient({ transport: shown }).images.list())
    }
    const claims = { iss: 'https://login.example.org', aud: 'images', exp: 1_800_000_600 }
    for (const [token, reason] of [
      [
        issued({ ...claims, exp: 1_799_999_999 }),
        /expired at 2027-01-15T07:59:59.000Z, and the clocks differ/,
      ],
      [issued({ ...claims, aud: ['a', 'b'] }), /for the audience "a, b"; ask .* with the audience "images"/],
      [
        issued({ ...claims, iss: 'https://x' }),
        /"https:\/\/x" issued it; ask .*"https:\/\/login.example.org"/,
      ],
      [issued({ aud: 'images' }), /the token names no issuer/],
      [issued(claims), /the server said "Failed .*\\u001b\[2J"; ask/],
      ['opaque', /it is not a JWT/],
    ] as const) {
      const error = await failWith(token)
      expect(error).toMatchObject({ code: 'not-authorized', cause: { status: 401, serverMessage: words } })
      expect(String(error)).toMatch(reason)
      expect(String(error)).not.toContain(token)
    }
    expect(String(await failWith())).toMatch(/access token of "https:\/\/login.example.org" given as "token"/)
  }
})

test('a refused request is sent once more with a new token, unless its body is a stream', async () => {
  const asked: (string | undefined)[] = []
  const transport = scriptedTransport(({ method, path, headers }) => {
    if (path === '/1.0') return sync({ ...incus, auth: 'trusted' })
    return headers.get('authorization') === 'Bearer new' && method === 'GET'
      ? sync([])
      : failure(401, 'Failed to authenticate')
  })
  const token = async (refused?: string): Promise<string> => {
    asked.push(refused)
    return refused === undefined ? 'old' : 'new'
  }
  const client = createClient({ transport: { ...transport, token } })
  expect(await client.images.list()).toEqual([])
  expect(
    transport.said.map(({ path, headers }) => `${path.split('?')[0]} ${headers.get('authorization')}`),
  ).toEqual(['/1.0 Bearer old', '/1.0/images Bearer old', '/1.0/images Bearer new'])
  expect(asked).toEqual([undefined, undefined, 'old'])
  transport.said.length = 0
  const open = (): ReadableStream<Uint8Array> => new Blob(['x']).stream()
  expect(await failureOf(client.images.upload({ kind: 'unified', open }))).toMatchObject({
    code: 'not-authorized',
  })
  expect(transport.said.filter(({ method }) => method === 'POST').length).toBe(1)
})

test('the claims of a JWT are read, and other texts have none', async () => {
  const token = await mintToken({ certificate, key, lifetime: 300, now: () => 1_800_000_000_000 })
  expect(readTokenClaims(token)).toEqual({
    sub: own.fingerprint,
    iss: undefined,
    aud: [],
    exp: 1_800_000_300,
    nbf: 1_799_999_940,
  })
  for (const other of ['', 'opaque', 'a.b.c', `a.${btoa('null')}.c`])
    expect(readTokenClaims(other)).toBeUndefined()
})
