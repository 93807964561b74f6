import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createImageServer, type ImageServer, isClosedWithoutAnswer } from '../src/index.ts'
import { ask, send, settle, stranger, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

async function withImage(dialect: 'lxd' | 'incus'): Promise<{ server: ImageServer; fingerprint: string }> {
  const server = createImageServer({ dialect })
  const { metadata } = await upload(server, await makeArchive())
  return { server, fingerprint: metadata.fingerprint }
}

describe.each(['lxd', 'incus'] as const)('images on %s', (dialect) => {
  test('an uploaded image has the fields of metadata.yaml, and no expiry in the form of the dialect', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const { metadata: image, headers } = await ask(server, 'GET', `/1.0/images/${fingerprint}`)
    expect(image).toMatchObject({
      architecture: 'x86_64',
      properties: { os: 'Tiny', release: 'r1' },
      public: false,
      profiles: ['default'],
      aliases: [],
      type: 'container',
      created_at: '2023-11-14T22:13:20Z',
      expires_at: dialect === 'lxd' ? '1970-01-01T00:00:00Z' : '0001-01-01T00:00:00Z',
    })
    expect('project' in image).toBe(dialect === 'incus')
    const covered = `[false,false,${JSON.stringify({ os: 'Tiny', release: 'r1' })}]\n`
    expect(headers.get('etag')).toBe(`"${createHash('sha256').update(covered).digest('hex')}"`)
  })

  test('a fingerprint in a path is a LIKE pattern', async () => {
    const { server, fingerprint } = await withImage(dialect)
    for (const id of [fingerprint.slice(0, 3).toUpperCase(), '%25', `_${fingerprint.slice(1, 20)}`]) {
      expect((await ask(server, 'GET', `/1.0/images/${id}`)).metadata.fingerprint).toBe(fingerprint)
    }
    await upload(server, await makeArchive({ files: { 'rootfs/other': 'x' } }))
    const ambiguous = await ask(server, 'GET', '/1.0/images/%25')
    expect([ambiguous.status, ambiguous.error]).toEqual([500, 'More than one image matches'])
  })

  test('a missing image answers 404 in the words of the dialect', async () => {
    const { server } = await withImage(dialect)
    const get = await ask(server, 'GET', '/1.0/images/zz')
    expect([get.status, get.error]).toEqual([
      404,
      dialect === 'lxd' ? 'Image not found' : 'Image "zz" not found',
    ])
    const remove = await ask(server, 'DELETE', '/1.0/images/zz')
    expect([remove.status, remove.error]).toEqual([404, 'Image not found'])
  })

  test('PUT of an image resets the fields that it does not name, except the expiry', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const path = `/1.0/images/${fingerprint.slice(0, 12)}`
    const expiry = '2030-01-02T03:04:05.5+02:00'
    await ask(server, 'PUT', path, {
      json: { PUBLIC: true, properties: { a: '1', b: '' }, expires_at: expiry, profiles: [] },
    })
    const first = (await ask(server, 'GET', path)).metadata
    expect(first).toMatchObject({ public: true, properties: { a: '1' }, expires_at: expiry, profiles: [] })
    const answer = await ask(server, 'PUT', path, { json: {} })
    expect([answer.status, answer.metadata]).toEqual([200, {}])
    expect((await ask(server, 'GET', path)).metadata).toMatchObject({
      public: false,
      properties: {},
      expires_at: expiry,
      profiles: ['default'],
    })
  })

  test('PATCH of an image merges properties and ignores expiry and profiles', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const path = `/1.0/images/${fingerprint}`
    await ask(server, 'PATCH', path, {
      json: { properties: { os: '', added: 'x' }, expires_at: '2030-01-01T00:00:00Z', profiles: [] },
    })
    const { metadata: image } = await ask(server, 'GET', path)
    expect(image.properties).toEqual({ release: 'r1', added: 'x' })
    expect(image.profiles).toEqual(['default'])
    expect(image.expires_at).not.toContain('2030')
  })

  test('PATCH with null properties closes the connection, as a panic of the daemon does', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const response = await send(server, 'PATCH', `/1.0/images/${fingerprint}`, { json: { properties: null } })
    expect(isClosedWithoutAnswer(response)).toBe(true)
  })

  test('If-Match takes one value, with or without quotes, and does not cover the expiry', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const path = `/1.0/images/${fingerprint}`
    const etag = (await ask(server, 'GET', path)).headers.get('etag') ?? ''
    const properties = { os: 'Tiny', release: 'r1' }
    const json = { properties, expires_at: '2031-01-01T00:00:00Z' }
    expect((await ask(server, 'PUT', path, { json, headers: { 'if-match': etag } })).status).toBe(200)
    const bare = etag.replaceAll('"', '')
    expect((await ask(server, 'PUT', path, { json, headers: { 'if-match': bare } })).status).toBe(200)
    const stale = await ask(server, 'PUT', path, { json, headers: { 'if-match': '*' } })
    expect([stale.status, stale.error]).toEqual([412, `ETag doesn't match: ${bare} vs *`])
  })

  test('JSON with wrong types or syntax errors is refused in the words of Go', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const path = `/1.0/images/${fingerprint}`
    const number = await ask(server, 'PUT', path, { json: { properties: { a: 1 } } })
    expect(number.error).toBe(
      'json: cannot unmarshal number into Go struct field ImagePut.properties of type string',
    )
    const broken = await ask(server, 'PUT', path, { body: '{bad' })
    expect([broken.status, broken.error]).toEqual([
      400,
      "invalid character 'b' looking for beginning of object key string",
    ])
    const profile = await ask(server, 'PUT', path, { json: { profiles: ['x'] } })
    expect([profile.status, profile.error]).toEqual([
      dialect === 'lxd' ? 400 : 500,
      "Profile 'x' doesn't exist",
    ])
    expect((await ask(server, 'PUT', path, { body: '{"public":true} trailing' })).status).toBe(200)
  })

  test('DELETE of an image is an operation that also deletes the aliases', async () => {
    const { server, fingerprint } = await withImage(dialect)
    await ask(server, 'POST', '/1.0/images/aliases', { json: { name: 'a', target: fingerprint } })
    const operation = await settle(server, await ask(server, 'DELETE', `/1.0/images/${fingerprint}`))
    expect(operation).toMatchObject({
      status: 'Success',
      resources: { images: [`/1.0/images/${fingerprint}`] },
    })
    expect((await ask(server, 'GET', '/1.0/images')).metadata).toEqual([])
    expect((await ask(server, 'GET', '/1.0/images/aliases')).metadata).toEqual([])
  })

  test('an untrusted client sees only the public images of the server', async () => {
    const { server, fingerprint } = await withImage(dialect)
    const path = `/1.0/images/${fingerprint.slice(0, 12)}`
    const hidden = await ask(server, 'GET', path, { info: stranger })
    const shown = dialect === 'lxd' ? fingerprint : fingerprint.slice(0, 12)
    expect([hidden.status, hidden.error]).toEqual([404, `Image "${shown}" not found`])
    expect((await ask(server, 'GET', '/1.0/images', { info: stranger })).metadata).toEqual([])
    await ask(server, 'PATCH', path, { json: { public: true } })
    expect((await ask(server, 'GET', '/1.0/images', { info: stranger })).metadata).toHaveLength(1)
    expect((await ask(server, 'GET', path, { info: stranger })).status).toBe(200)
    for (const refused of ['/1.0/images/aliases', '/1.0/operations', '/1.0/projects']) {
      expect((await ask(server, 'GET', refused, { info: stranger })).error).toBe('not authorized')
    }
  })

  test('an unknown path answers 404, and a known path with another method 501', async () => {
    const { server } = await withImage(dialect)
    const unknown = await ask(server, 'GET', '/1.0/nonsense')
    expect([unknown.status, unknown.error]).toEqual([404, 'not found'])
    const method = await ask(server, 'PUT', '/1.0/images')
    expect([method.status, method.error]).toEqual([501, 'not implemented'])
  })

  test('projects have separate images, and share those of "default" if features.images is off', async () => {
    const { server, fingerprint } = await withImage(dialect)
    await ask(server, 'POST', '/1.0/projects', { json: { name: 'own' } })
    await ask(server, 'POST', '/1.0/projects', {
      json: { name: 'shared', config: { 'features.images': 'false' } },
    })
    expect((await ask(server, 'GET', '/1.0/images?project=own')).metadata).toEqual([])
    expect((await ask(server, 'GET', '/1.0/images?project=shared')).metadata).toEqual([
      `/1.0/images/${fingerprint}`,
    ])
    expect((await ask(server, 'GET', '/1.0/images?project=none')).status).toBe(404)
    await upload(server, await makeArchive(), {}, '/1.0/images?project=own')
    const refused = await ask(server, 'DELETE', '/1.0/projects/own')
    expect([refused.status, refused.error]).toEqual([
      500,
      `Only empty projects can be removed${dialect === 'lxd' ? '' : '.'}`,
    ])
    const all = await ask(server, 'GET', '/1.0/images?all-projects=true')
    expect(all.metadata).toHaveLength(dialect === 'incus' ? 2 : 1)
    // The bytes stay while another project has the image.
    await settle(server, await ask(server, 'DELETE', `/1.0/images/${fingerprint}?project=own`))
    expect((await send(server, 'GET', `/1.0/images/${fingerprint}/export`)).status).toBe(200)
    expect((await ask(server, 'DELETE', '/1.0/projects/own')).status).toBe(200)
  })

  test('GET /1.0 shows an untrusted client the extensions and nothing else', async () => {
    const { server } = await withImage(dialect)
    const open = (await ask(server, 'GET', '/1.0', { info: stranger })).metadata
    expect(open.auth).toBe('untrusted')
    expect(open.environment).toBeUndefined()
    expect(open.api_extensions).toContain(dialect === 'lxd' ? 'devlxd_images' : 'dev_incus_images')
    const full = (await ask(server, 'GET', '/1.0')).metadata
    expect(full.environment).toMatchObject({
      server: dialect,
      server_version: dialect === 'lxd' ? '5.0.2' : '6.0.4',
    })
    expect(full.environment.certificate).toContain('BEGIN CERTIFICATE')
  })
})

describe('filters', () => {
  const list = async (server: ImageServer, filter: string) =>
    ask(server, 'GET', `/1.0/images?filter=${encodeURIComponent(filter)}`)

  test.each(['lxd', 'incus'] as const)(
    'a filter on a text field is an anchored expression that ignores case on %s',
    async (dialect) => {
      const { server } = await withImage(dialect)
      expect((await list(server, 'properties.os eq tINY and type eq container')).metadata).toHaveLength(1)
      expect((await list(server, 'properties.os eq ti')).metadata).toHaveLength(0)
      expect((await list(server, 'properties.os eq ti.*')).metadata).toHaveLength(1)
      // A quote must end in another word than the one it begins in.
      expect((await list(server, 'type eq "container"')).error).toBe('Invalid filter: unterminated quote')
      expect((await list(server, 'filename eq "a b" or type eq container')).metadata).toHaveLength(1)
      expect((await list(server, 'not type eq container')).metadata).toHaveLength(0)
      expect((await list(server, 'foo')).error).toBe('Invalid filter: clause has no operator')
      expect((await list(server, 'type eq x and')).error).toBe('Invalid filter: unterminated compound clause')
      const panic = await send(server, 'GET', '/1.0/images?filter=aliases.name%20eq%20x')
      expect(isClosedWithoutAnswer(panic)).toBe(true)
    },
  )

  test('a filter on a boolean or an unknown field matches nothing on LXD', async () => {
    const { server } = await withImage('lxd')
    expect((await list(server, 'public eq false')).metadata).toEqual([])
    expect((await list(server, 'not public eq false')).metadata).toHaveLength(1)
    expect((await list(server, 'foo eq bar')).metadata).toEqual([])
    expect((await list(server, 'foo ne bar')).metadata).toHaveLength(1)
  })

  test('a filter on a boolean works on Incus, and one on an unknown field is an error', async () => {
    const { server } = await withImage('incus')
    expect((await list(server, 'public eq false')).metadata).toHaveLength(1)
    expect((await list(server, 'foo eq bar')).error).toBe('Invalid type "invalid" for field "foo"')
    expect((await list(server, 'uploaded_at eq 1')).error).toBe(
      'Invalid type "struct" for field "uploaded_at"',
    )
    expect((await list(server, 'size gt 1')).error).toBe('Unsupported operation')
    expect((await list(server, 'type EQ container')).error).toBe('Unsupported operation')
    expect((await list(server, 'profiles eq default')).error).toMatch(/^Failed to parse value: /)
  })
})
