import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { connect, createTransport } from '@hyperkit/connect'
import { type Client, createClient, createTokenSource } from '@hyperkit/core'
import { mintToken } from '@hyperkit/core/parts'
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import type { ServerAccess, Target } from '../src/harness/target.ts'
import { type MadeCertificate, makeCertificate } from '../src/servers/make-certificate.ts'

type Kind = (typeof takers)[number] | 'lxd'

const takers = ['incus-6.0', 'incus-7.0', 'embedded incus-6.0'] as const

const absences: Partial<Record<Kind, string | undefined>> = {
  'incus-6.0': explainRealTarget('incus-6.0'),
  'incus-7.0': explainRealTarget('incus-7.0'),
  lxd: explainRealTarget('lxd'),
}
const targets: Partial<Record<Kind, Target>> = {}

beforeAll(async () => {
  for (const kind of ['incus-6.0', 'incus-7.0', 'lxd'] as const)
    if (absences[kind] === undefined) targets[kind] = await openRealTarget(kind)
  targets['embedded incus-6.0'] = await openEmbeddedTarget('incus-6.0')
})

afterAll(async () => {
  await Promise.all(Object.values(targets).map((target) => target.close()))
})

function serverOf(context: TestContext, kind: Kind): ServerAccess {
  return targets[kind]?.server ?? context.skip(absences[kind] ?? 'the server did not start')
}

async function connectWith(
  { url, serverFingerprint }: ServerAccess,
  token: string | (() => Promise<string>),
): Promise<Client> {
  const client = await connect({ url, serverCertificate: serverFingerprint, token })
  onTestFinished(() => client.close())
  return client
}

/** The server's own answer to a token, without a client that checks it. */
async function authOf({ url, serverFingerprint }: ServerAccess, token: string): Promise<string> {
  const transport = await createTransport({ url, serverCertificate: serverFingerprint, token })
  onTestFinished(() => transport.close?.())
  const answer = await transport.fetch(`${transport.origin}/1.0`, { redirect: transport.redirect ?? 'error' })
  return ((await answer.json()) as { metadata: { auth: string } }).metadata.auth
}

async function trustOn(server: ServerAccess, { cert, fingerprint }: MadeCertificate): Promise<void> {
  const admin = await connect({ socket: server.socket })
  await admin.certificates.create('tokens', { certificate: cert })
  onTestFinished(async () => {
    await admin.certificates.delete(fingerprint)
    admin.close()
  })
}

const keys = takers.flatMap((taker) =>
  (['P-256', 'P-384', 'RSA'] as const).map((kind) => [taker, kind] as const),
)

test.for(keys)(
  '%s trusts the token of a trusted certificate with a %s key',
  async ([taker, kind], context) => {
    const server = serverOf(context, taker)
    const made = makeCertificate({ name: 'tokens', kind })
    const { cert, key } = made
    const token = await mintToken({ certificate: cert, key })
    expect(await authOf(server, token)).toBe('untrusted')
    await trustOn(server, made)
    expect(await authOf(server, token)).toBe('trusted')
    const client = await connectWith(server, createTokenSource({ certificate: cert, key }))
    expect((await client.server()).trusted).toBe(true)
    expect(await client.aliases.list()).toBeInstanceOf(Array)
  },
)

test('a token can be signed with a key in the form in which incus and lxc store it', async (context) => {
  const server = serverOf(context, 'incus-7.0')
  const { cert, key } = server.clientCertificate
  const sec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString()
  expect(sec1).toContain('BEGIN EC PRIVATE KEY')
  expect(await authOf(server, await mintToken({ certificate: cert, key: sec1 }))).toBe('trusted')
})

test.for(takers)(
  '%s refuses a token that is expired, not yet valid, altered, or from an unknown certificate, and the client says why',
  async (taker, context) => {
    const server = serverOf(context, taker)
    const { cert: certificate, key } = server.clientCertificate
    const stranger = server.untrustedCertificate
    const hour = 3_600_000
    const good = await mintToken({ certificate, key })
    for (const [token, words] of [
      [
        await mintToken({ certificate, key, now: () => Date.now() - hour }),
        /expired at .*; ask for a new one/,
      ],
      [await mintToken({ certificate, key, now: () => Date.now() + hour }), /is not valid before .*;/],
      [
        await mintToken({ certificate: stranger.cert, key: stranger.key }),
        /trust store; "incus config trust/,
      ],
      [good.replace(/[^.]{8}$/, 'AAAAAAAA'), /does not accept the token/],
      ['opaque', /may be revoked, or issued by another server/],
    ] as const) {
      expect(await authOf(server, token)).toBe('untrusted')
      const client = await connectWith(server, token)
      const error = await client.images.list().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'not-authorized', server: server.url })
      expect(String(error)).toMatch(words)
      expect(String(error)).not.toContain(token)
    }
  },
)

test('a token gives a client the same write access as its client certificate', async (context) => {
  const server = serverOf(context, 'incus-7.0')
  const { cert, key } = server.clientCertificate
  const client = await connectWith(server, createTokenSource({ certificate: cert, key }))
  const project = `tokens-${crypto.randomUUID().slice(0, 8)}`
  await client.request({ method: 'POST', path: '/1.0/projects', json: { name: project } })
  onTestFinished(async () => {
    await client.request({ method: 'DELETE', path: `/1.0/projects/${project}` })
  })
  expect(await client.project(project).images.list()).toEqual([])
})

test.for(takers)(
  '%s accepts a token in the forms that Go writes, and in those of other libraries only since Incus 7.0 (T31)',
  async (taker, context) => {
    const server = serverOf(context, taker)
    const { cert, key } = server.clientCertificate
    const sub = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()
    const now = Math.floor(Date.now() / 1000)
    const [exp, nbf] = [now + 600, now - 60]
    const es384 = '{"alg":"ES384","typ":"JWT"}'
    const make = (
      header: string,
      claims: string,
      dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363',
    ): string => {
      const text = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
      const signature = sign('sha384', Buffer.from(text), { key, dsaEncoding })
      return `${text}.${signature.toString('base64url')}`
    }
    const plain = `{"sub":"${sub}","exp":${exp},"nbf":${nbf}}`
    const forms: [string, string, string][] = [
      ['trusted', es384, plain],
      ['trusted', '{"alg":"ES384"}', plain],
      ['trusted', '{"alg":"ES384","kid":"x","typ":"JWT"}', plain],
      ['trusted', es384, `{"sub":"${sub}","exp":${exp}}`],
      ['trusted', es384, `{"sub":"${sub}","nbf":${nbf}}`],
      ['trusted', es384, `{"sub":"${sub}","aud":["x"],"exp":${exp},"nbf":${nbf},"iat":${now},"jti":"j"}`],
      ['since 7.0', '{"typ":"JWT","alg":"ES384"}', plain],
      ['untrusted', '{"alg":"none","typ":"JWT"}', plain],
      ['untrusted', '{"alg":"ES256","typ":"JWT"}', plain],
      ['since 7.0', es384, `{"sub":"${sub}","nbf":${nbf},"exp":${exp}}`],
      ['untrusted', es384, `{"iss":"x","sub":"${sub}","exp":${exp},"nbf":${nbf}}`],
      ['since 7.0', es384, `{"sub":"${sub}","aud":"x","exp":${exp},"nbf":${nbf}}`],
      ['since 7.0', es384, `{"sub":"${sub}","exp":${exp},"nbf":${nbf},"name":"x"}`],
      ['since 7.0', es384, `{"sub": "${sub}","exp":${exp},"nbf":${nbf}}`],
      ['since 7.0', es384, `{"sub":"${sub}","exp":${exp}.5,"nbf":${nbf}}`],
      ['untrusted', es384, `{"sub":"${sub.toUpperCase()}","exp":${exp},"nbf":${nbf}}`],
    ]
    const since = server.version === 'incus-7.0' ? 'trusted' : 'untrusted'
    for (const [told, header, claims] of forms) {
      const auth = told === 'since 7.0' ? since : told
      expect([header, claims, await authOf(server, make(header, claims))]).toEqual([header, claims, auth])
    }
    for (const token of [make(es384, plain, 'der'), 'a.b', 'a.b.c'])
      expect(await authOf(server, token)).toBe('untrusted')
  },
)

test('the error of any token on LXD without "auth_bearer" names that as the reason', async (context) => {
  const server = serverOf(context, 'lxd')
  const { cert, key } = server.clientCertificate
  for (const token of [await mintToken({ certificate: cert, key }), 'issued-by-somebody']) {
    const client = await connectWith(server, token)
    const error = await client.images.list().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unsupported', extension: 'auth_bearer' })
    expect(String(error)).toMatch(/LXD lacks the API extension "auth_bearer"/)
    expect(String(error)).not.toContain(token)
  }
})

test('a client created from a transport alone also explains a refused token', async (context) => {
  const server = serverOf(context, 'incus-7.0')
  const transport = await createTransport({
    url: server.url,
    serverCertificate: server.serverFingerprint,
    token: 'opaque',
  })
  onTestFinished(() => transport.close?.())
  await expect(createClient({ transport }).images.fingerprints()).rejects.toMatchObject({
    code: 'not-authorized',
  })
})
