import { createSelfSignedCertificate } from '@hyperkit/connect'
import { describe, expect, test } from 'vitest'
import { type ConnectionInfo, createImageServer, type ImageServer } from '../src/index.ts'
import { ask, stranger, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

const encode = (token: object): string => Buffer.from(JSON.stringify(token)).toString('base64')

async function newPeer(): Promise<{ info: ConnectionInfo; fingerprint: string; base64: string }> {
  const { certificate, fingerprint } = await createSelfSignedCertificate({ commonName: 'client' })
  const base64 = certificate.replace(/-----[^-]*-----|\n/g, '')
  return { info: { transport: 'https', clientCertificate: certificate }, fingerprint, base64 }
}

const inOwn = (entitlement: string) => ({
  entity_type: 'project',
  url: '/1.0/projects/own',
  entitlement,
})

/** A server with projects `own` and `foreign`, and an image in each and in default; that of default is public. */
async function newServer(dialect: 'lxd-5.21' | 'lxd-6.9' | 'lxd-main'): Promise<{
  server: ImageServer
  image: string
}> {
  const server = createImageServer({ dialect })
  for (const name of ['own', 'foreign']) await ask(server, 'POST', '/1.0/projects', { json: { name } })
  const body = await makeArchive()
  for (const project of ['own', 'foreign'])
    await ask(server, 'POST', `/1.0/images?project=${project}`, { body })
  const { metadata } = await upload(server, body, { 'X-LXD-public': '1' })
  return { server, image: metadata.fingerprint }
}

/** Enrols an identity in a group with these permissions. */
async function enrolled(server: ImageServer, ...entitlements: string[]) {
  const permissions = entitlements.map(inOwn)
  await ask(server, 'POST', '/1.0/auth/groups', { json: { name: 'g', permissions } })
  const json = { name: 'somebody', token: true, groups: ['g'] }
  const pending = await ask(server, 'POST', '/1.0/auth/identities/tls', { json })
  expect([pending.status, pending.metadata.type]).toEqual([201, 'Client certificate'])
  const { info, fingerprint } = await newPeer()
  const token = { trust_token: encode(pending.metadata) }
  const added = await ask(server, 'POST', '/1.0/auth/identities/tls', { json: token, info })
  expect(added.status).toBe(201)
  const say = async (method: string, path: string, body?: unknown) => {
    const options = body === undefined ? { info } : { info, json: body }
    const { status, error, metadata } = await ask(server, method, path, options)
    return status < 300 ? metadata : `${status} ${error}`
  }
  return { info, fingerprint, token, say, location: added.headers.get('location') }
}

describe.each(['lxd-5.21', 'lxd-6.9', 'lxd-main'] as const)('identities on %s', (dialect) => {
  test('an identity token makes one untrusted client an identity, and works for nothing else', async () => {
    const { server } = await newServer(dialect)
    const { info } = await newPeer()
    const made = { json: { name: 'x', token: true } }
    const { metadata } = await ask(server, 'POST', '/1.0/auth/identities/tls', made)
    const trust = { trust_token: encode(metadata) }
    const enrol = async (json: object, from: ConnectionInfo = info, path = 'auth/identities/tls') => {
      const { status, error } = await ask(server, 'POST', `/1.0/${path}`, { json, info: from })
      return `${status} ${error}`
    }
    expect(await enrol(trust, { transport: 'https' })).toBe('400 No client certificate provided')
    expect(await enrol({ ...trust, name: 'y' })).toBe('403 Only trust token must be provided')
    expect(await enrol({ ...trust, type: 'client' }, info, 'certificates')).toBe(
      '400 Failed during search for certificate add token operation: TLS Identity token detected (you must update your client)',
    )
    expect(await enrol({ trust_token: 'junk' })).toBe('403 Forbidden')
    expect(await enrol(trust)).toBe('201 ')
    const other = (await newPeer()).info
    expect(await enrol(trust, other)).toMatch(/^500 .*No pending identities found with given secret$/)
    expect(await enrol(trust)).toBe('403 Forbidden')
    const taken = await ask(server, 'POST', '/1.0/auth/identities/tls', made)
    expect([taken.status, taken.error]).toEqual([409, 'An identity with name "x" already exists'])
  })

  test('an identity can read its own name and permissions', async () => {
    const { server } = await newServer(dialect)
    const { say, fingerprint, location } = await enrolled(server, 'can_view', 'can_view_images')
    const current = await say('GET', '/1.0/auth/identities/current')
    expect(current).toMatchObject({
      type: 'Client certificate',
      id: fingerprint,
      groups: ['g'],
      effective_groups: ['g'],
      effective_permissions: [inOwn('can_view'), inOwn('can_view_images')],
      fine_grained: true,
    })
    expect(location?.endsWith(fingerprint)).toBe(dialect !== 'lxd-5.21')
    const view = await say('GET', '/1.0')
    expect([view.auth, view.config, view.environment.server]).toEqual(['trusted', null, 'lxd'])
    const strangers = await ask(server, 'GET', '/1.0/auth/identities/current', { info: stranger })
    expect([strangers.status, strangers.error]).toEqual([403, 'Forbidden'])
  })

  test('an identity can do what its permissions allow, and sees the public images of "default"', async () => {
    const { server, image } = await newServer(dialect)
    const { say } = await enrolled(server, 'can_view', 'can_view_images')
    const url = `/1.0/images/${image}`
    expect(await say('GET', '/1.0/images?project=own')).toEqual([url])
    expect(await say('GET', '/1.0/images')).toEqual([url])
    const all = await say('GET', '/1.0/images?all-projects=true')
    expect([...all].sort()).toEqual([url, `${url}?project=own`])
    expect(await say('GET', '/1.0/images?project=foreign')).toBe('404 Not Found')
    expect(await say('GET', '/1.0/images/aliases?project=own')).toEqual([])
    expect(await say('GET', '/1.0/images/aliases')).toBe('404 Not Found')
    expect((await say('GET', `${url}?project=own`)).fingerprint).toBe(image)
    expect(await say('GET', `${url}?project=foreign`)).toBe('404 Not Found')
    expect(await say('PATCH', `${url}?project=own`, {})).toBe('403 Forbidden')
    expect(await say('PATCH', `${url}?project=foreign`, {})).toBe('404 Not Found')
    expect(await say('POST', '/1.0/images?project=own', { source: { type: 'image' } })).toBe('403 Forbidden')
    const alias = { name: 'q', target: image }
    expect(await say('POST', '/1.0/images/aliases?project=own', alias)).toBe('403 Forbidden')
    expect(await say('POST', '/1.0/images/aliases?project=foreign', alias)).toBe('404 Not Found')
    expect(await say('GET', '/1.0/operations?project=own')).toEqual({})
    expect(await say('GET', '/1.0/instances?all-projects=true')).toEqual([])
    expect(await say('GET', '/1.0/projects')).toEqual(['/1.0/projects/own'])
    expect(await say('GET', '/1.0/projects/foreign')).toBe('404 Not Found')
    expect(await say('POST', '/1.0/certificates', { name: 'z', token: true, type: 'client' })).toBe(
      '403 Forbidden',
    )
  })

  test('an identity that is operator of a project can change its images and aliases', async () => {
    const { server, image } = await newServer(dialect)
    const { say } = await enrolled(server, 'operator')
    expect(await say('PATCH', `/1.0/images/${image}?project=own`, { auto_update: true })).toEqual({})
    const alias = { name: 'q', target: image }
    expect(await say('POST', '/1.0/images/aliases?project=own', alias)).toBe(null)
    expect(await say('GET', '/1.0/images/aliases?project=own')).toEqual(['/1.0/images/aliases/q'])
  })

  test('creating a group with a permission in a project that it cannot view is refused', async () => {
    const { server } = await newServer(dialect)
    const json = { name: 'blind', permissions: [inOwn('can_view_images')] }
    const { status, error } = await ask(server, 'POST', '/1.0/auth/groups', { json })
    expect(`${status} ${error}`).toBe(
      '400 Entitlement "can_view_images" on entity type "project" references project "own", but the project cannot be viewed by the group',
    )
  })

  test('a certificate name that is taken is refused, and the token of a trusted client is used up', async () => {
    const { server } = await newServer(dialect)
    const token = async () => {
      const json = { type: 'client', name: 'same', token: true }
      const { metadata } = await ask(server, 'POST', '/1.0/certificates', { json })
      const { addresses, fingerprint, secret } = metadata.metadata
      return { trust_token: encode({ client_name: 'same', fingerprint, addresses, secret }) }
    }
    const enrol = async (json: object, info: ConnectionInfo) => {
      const { status, error } = await ask(server, 'POST', '/1.0/certificates', { json, info })
      return `${status} ${error}`
    }
    const [first, second] = [(await newPeer()).info, (await newPeer()).info]
    expect(await enrol(await token(), first)).toBe('201 ')
    const again = await token()
    const taken =
      dialect === 'lxd-5.21' ? 'This "identity" entry already exists' : 'Certificate already exists'
    expect(await enrol(again, second)).toBe(`409 ${taken}`)
    expect(await enrol(again, second)).toBe('403 No matching certificate add operation found')
    const burnt = await token()
    expect(await enrol(burnt, first)).toBe('409 Client is already trusted')
    expect(await enrol(burnt, second)).toBe('403 No matching certificate add operation found')
  })
})

describe.each(['lxd-6.9', 'lxd-main'] as const)('bearer tokens of %s', (dialect) => {
  test('a bearer token authenticates its identity until it is replaced or revoked', async () => {
    const { server } = await newServer(dialect)
    const permissions = [inOwn('can_view')]
    await ask(server, 'POST', '/1.0/auth/groups', { json: { name: 'g', permissions } })
    const path = '/1.0/auth/identities/bearer'
    const json = { name: 'b', type: 'Client token bearer', groups: ['g'] }
    expect((await ask(server, 'POST', path, { json })).status).toBe(201)
    const issue = async (): Promise<string> =>
      (await ask(server, 'POST', `${path}/b/token`, { json: { expiry: '1d' } })).metadata.token
    const speak = (token: string, info: ConnectionInfo = stranger, what = '/1.0') =>
      ask(server, 'GET', what, { info, headers: { authorization: `Bearer ${token}` } })
    const token = await issue()
    const current = await speak(token, stranger, '/1.0/auth/identities/current')
    expect(current.metadata).toMatchObject({ authentication_method: 'bearer', name: 'b', fine_grained: true })
    expect(Date.parse(current.metadata.expires_at)).toBeGreaterThan(Date.now())
    expect((await speak(token)).metadata.auth_user_method).toBe('bearer')
    const next = await issue()
    expect((await speak(token)).error).toMatch(/^Failed verifying bearer token: .*signature is invalid$/)
    expect((await speak(next)).metadata.auth).toBe('trusted')
    await ask(server, 'DELETE', `${path}/b/token`)
    const revoked = await speak(next)
    expect([revoked.status, revoked.error]).toEqual([
      403,
      'Failed verifying bearer token: Unrecognized token subject: No secret found for bearer token identity',
    ])
    // A token of another kind is ignored, and so is one of a client with a trusted certificate (T71).
    expect((await speak('abc.def.ghi')).metadata.auth).toBe('untrusted')
    const { info, base64 } = await newPeer()
    await ask(server, 'POST', '/1.0/certificates', {
      json: { type: 'client', name: 'c', certificate: base64 },
    })
    expect((await speak(next, info)).metadata.auth).toBe('trusted')
  })
})
