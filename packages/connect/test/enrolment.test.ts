import { connect, trust } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { describe, expect, onTestFinished, test } from 'vitest'
import { certificateOf } from './serve.ts'

const versions = ['lxd-5.0', 'lxd-5.21', 'lxd-6.9', 'incus-7.0'] as const

/** A server, its administrator, and a function that makes clients which want to be trusted. */
async function setUp(dialect: (typeof versions)[number]) {
  const server = createImageServer({ dialect })
  const { url, certificate: serverCertificate = '' } = await server.listen({ https: {} })
  onTestFinished(() => server.close())
  const admin = createClient({
    transport: {
      name: 'embedded',
      origin: 'http://embedded',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  const meet = async (name?: string): Promise<Client> => {
    const made = name === undefined ? undefined : await certificateOf(name)
    const shown = made && { clientCertificate: { cert: made.certificate, key: made.key } }
    const client = await connect({ url, serverCertificate, ...shown })
    onTestFinished(() => client.close())
    return client
  }
  const makeToken = async (name: string) => (await admin.certificates.createToken(name)).token
  return { admin, meet, makeToken }
}

describe.each(versions)('trust tokens of %s', (dialect) => {
  test('a trust token is not sent by a client that is trusted already, and stays usable', async () => {
    const { meet, makeToken } = await setUp(dialect)
    const known = await meet('known')
    await trust(known, { token: await makeToken('known') })
    const token = await makeToken('spare')
    for (const enrol of [() => trust(known, { token }), () => known.certificates.create('spare', { token })])
      await expect(enrol()).rejects.toMatchObject({
        code: 'already-exists',
        message: expect.stringMatching(
          /trusts this client already; the token was not sent and stays usable$/,
        ),
      })
    const other = await meet('other')
    await trust(other, { token })
    expect((await other.server()).trusted).toBe(true)
  })

  test('a trust token is not sent by a client that presents no certificate, and stays usable', async () => {
    const { meet, makeToken } = await setUp(dialect)
    const token = await makeToken('newcomer')
    const bare = await meet()
    await expect(bare.certificates.create('newcomer', { token })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('the client presents no certificate; the token was not sent'),
    })
    await expect(trust(bare, { token })).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(trust(bare, { password: 'x' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('the client presents no certificate; the password was not sent; give'),
    })
    const newcomer = await meet('newcomer')
    await newcomer.certificates.create('newcomer', { token })
    expect((await newcomer.server()).trusted).toBe(true)
  })
})

test.each(['lxd-5.21', 'lxd-6.9'] as const)(
  'the error for a token of %s whose name is taken says that the token is used up, which is true',
  async (dialect) => {
    const { meet, makeToken } = await setUp(dialect)
    await trust(await meet('first'), { token: await makeToken('laptop') })
    const token = await makeToken('laptop')
    await expect(trust(await meet('second'), { token })).rejects.toMatchObject({
      code: 'already-exists',
      status: 409,
      message: expect.stringMatching(
        /the name in the token is taken, .* and the token is used up: ask for one with another name$/,
      ),
    })
    await expect(trust(await meet('third'), { token })).rejects.toMatchObject({ code: 'not-authorized' })
  },
)

test('a client that is trusted already does not send the token of an identity either', async () => {
  const { admin, meet, makeToken } = await setUp('lxd-6.9')
  const known = await meet('known')
  await trust(known, { token: await makeToken('known') })
  const token = await admin.certificates.createIdentityToken('guest')
  await expect(trust(known, { token })).rejects.toMatchObject({ code: 'already-exists' })
  const guest = await meet('guest')
  await trust(guest, { token })
  expect((await guest.server()).trusted).toBe(true)
})
