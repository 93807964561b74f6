import { describe, expect, test } from 'vitest'
import { createClient, supports } from '../src/index.ts'
import { dialects } from '../src/parts.ts'
import { lxdServer, scriptedTransport, sync } from './scripted-transport.ts'

const fingerprint = 'b'.repeat(64)

/** What Incus 7.0.2 tells a stranger: the same five keys as 6.0.4, without the extensions. */
const incus7 = {
  api_extensions: null as string[] | null | undefined,
  api_status: 'stable',
  api_version: '1.0',
  auth: 'untrusted',
  public: false,
  auth_methods: ['tls'],
  config: {},
}

describe('servers that report no extensions to strangers', () => {
  test.each([['null'], ['absent'], ['empty']])(
    'a server that reports no extensions (%s) to a stranger is Incus',
    async (how) => {
      const told = { null: null, absent: undefined, empty: [] }[how]
      const transport = scriptedTransport(() => sync({ ...incus7, api_extensions: told }))
      const server = await createClient({ transport }).server()
      expect(server).toMatchObject({ dialect: dialects.incus, trusted: false, apiExtensions: undefined })
      expect(supports(server, 'images_all_projects')).toBeUndefined()
    },
  )

  test('a call that needs an unreported extension is sent, and the server’s refusal is the answer', async () => {
    const transport = scriptedTransport(({ path }) =>
      sync(path === '/1.0' ? incus7 : [{ fingerprint, public: true }]),
    )
    const client = createClient({ transport })
    const filter = { public: true }
    expect(await client.images.list({ filter, allProjects: true })).toMatchObject([{ fingerprint }])
    const [, { path } = { path: '' }] = transport.said
    expect(new URL(path, 'http://x').searchParams.get('all-projects')).toBe('true')
    expect(new URL(path, 'http://x').searchParams.get('filter')).toContain('public')
  })

  test('the server is asked again once it trusts the client, and then reports its extensions', async () => {
    let trusted = false
    const transport = scriptedTransport(({ path, body }) => {
      if (path === '/1.0/certificates') {
        expect(JSON.parse(body)).toEqual({ type: 'client', name: 'laptop', trust_token: 'eyJ' })
        trusted = true
        return sync({})
      }
      const known = { auth: 'trusted', environment: { server: 'incus', server_version: '7.0.2' } }
      return sync(trusted ? { ...incus7, ...known, api_extensions: ['dev_incus_images', 'oidc'] } : incus7)
    })
    const client = createClient({ transport })
    expect((await client.server()).trusted).toBe(false)
    await client.certificates.create('laptop', { token: 'eyJ' })
    const server = await client.server()
    expect([server.trusted, server.version]).toEqual([true, '7.0.2'])
    expect([supports(server, 'oidc'), supports(server, 'auth_bearer')]).toEqual([true, false])
  })

  test('an answer of something else is not taken for a server without extensions', async () => {
    for (const metadata of [{}, { auth: 'untrusted' }, { ...lxdServer, environment: { server: 'other' } }]) {
      const client = createClient({
        transport: scriptedTransport(() => sync({ ...metadata, api_extensions: [] })),
      })
      await expect(client.server()).rejects.toMatchObject({ code: 'unexpected-answer' })
    }
  })
})
