import { describe, expect, test } from 'vitest'
import { createClient, isHyperkitError, ServerError } from '../src/index.ts'
import { failure, json, lxdServer, scriptedTransport, sync } from './scripted-transport.ts'

const fingerprint = 'a'.repeat(64)

async function errorOf(answer: () => Response): Promise<unknown> {
  const client = createClient({
    transport: scriptedTransport((said) => (said.path === '/1.0' ? sync(lxdServer) : answer())),
  })
  return client.images.get(fingerprint).catch((error: unknown) => error)
}

describe('an invalid answer', () => {
  test('a web page with HTTP 200 is reported with its beginning', async () => {
    const error = await errorOf(
      () => new Response('<html>Please log in</html>', { headers: { 'content-type': 'text/html' } }),
    )
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(String(error)).toContain('Please log in')
  })

  test('JSON that is not an envelope is refused', async () => {
    expect(isHyperkitError(await errorOf(() => json({ hello: 'world' })), 'unexpected-answer')).toBe(true)
    expect(isHyperkitError(await errorOf(() => json([1, 2, 3])), 'unexpected-answer')).toBe(true)
    expect(isHyperkitError(await errorOf(() => json(null)), 'unexpected-answer')).toBe(true)
  })

  test('an image record of an unknown shape is refused, with the name of the field', async () => {
    const error = await errorOf(() => sync({ fingerprint: 17 }))
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(String(error)).toContain('"fingerprint"')
  })

  test.each(['', 'latest', `${fingerprint}0`, fingerprint.toUpperCase(), `../${fingerprint.slice(3)}`])(
    'a fingerprint %j is refused in a record, a list and an alias',
    async (wrong) => {
      const answers: Record<string, unknown> = {
        [`/1.0/images/${fingerprint}`]: { fingerprint: wrong },
        '/1.0/images?recursion=1': [{ fingerprint }, { fingerprint: wrong }],
        '/1.0/images': [`/1.0/images/${wrong}`],
        '/1.0/images/aliases/os': { name: 'os', target: wrong },
        '/1.0': lxdServer,
      }
      const client = createClient({ transport: scriptedTransport(({ path }) => sync(answers[path])) })
      const { images, aliases } = client
      for (const read of [images.get(fingerprint), images.list(), images.fingerprints(), aliases.get('os')])
        await expect(read).rejects.toMatchObject({
          code: 'unexpected-answer',
          message: expect.stringMatching(/fingerprint has 64 characters from 0-9 and a-f, and this is "/),
        })
    },
  )

  test('an error in the body counts, whatever the HTTP status is', async () => {
    const error = await errorOf(() => failure(404, 'Image not found', 200))
    expect(error).toBeInstanceOf(ServerError)
    expect(isHyperkitError(error, 'not-found')).toBe(true)
  })

  test.each([300, 404, 500])('success in the body of HTTP %i is refused', async (status) => {
    const error = await errorOf(() => json({ type: 'sync', metadata: { fingerprint } }, { status }))
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(String(error)).toContain(`the answer contradicts itself: HTTP ${status}, but "type": "sync"`)
  })

  test('an error text of 20 MB is shown cut, and without the secret in it', async () => {
    const error = await errorOf(() => failure(500, `GET /x?secret=hidden&y ${'x'.repeat(20_000_000)}`))
    expect(isHyperkitError(error, 'server-error')).toBe(true)
    expect(String(error).length).toBeLessThan(5_000)
    expect(String(error)).toContain('(20000023 characters)')
    expect(String(error)).not.toContain('hidden')
  })

  test('a wrong value of 20 MB is shown cut', async () => {
    const error = await errorOf(() => sync({ fingerprint, aliases: 'x'.repeat(20_000_000) }))
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(String(error).length).toBeLessThan(1_500)
  })

  test('a prefix of several images is "ambiguous", although servers answer with status 500', async () => {
    expect(
      isHyperkitError(await errorOf(() => failure(500, 'More than one image matches')), 'ambiguous'),
    ).toBe(true)
  })

  test('a body that breaks off is "interrupted"', async () => {
    const error = await errorOf(
      () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              controller.error(Object.assign(new Error('terminated'), { code: 'UND_ERR_SOCKET' }))
            },
          }),
          { headers: { 'content-type': 'application/json' } },
        ),
    )
    expect(isHyperkitError(error, 'interrupted')).toBe(true)
  })

  test('an unknown field of an image is tolerated', async () => {
    const client = createClient({
      transport: scriptedTransport(() => sync({ fingerprint, brand_new: { deep: true } }, { etag: 'e' })),
    })
    expect(await client.images.get(fingerprint)).toMatchObject({
      fingerprint,
      etag: 'e',
      properties: {},
      expiresAt: undefined,
    })
  })
})

describe('listings', () => {
  test('a listing that took nearly as long as the server’s limit is refused if the plain count differs', async () => {
    let now = 0
    const clock = performance.now
    performance.now = () => now
    try {
      const transport = scriptedTransport((said) => {
        if (said.path === '/1.0') return sync(lxdServer)
        if (said.path.includes('recursion=1')) {
          now += 9_500
          return sync([{ fingerprint }])
        }
        return sync([`/1.0/images/${fingerprint}`, `/1.0/images/${'b'.repeat(64)}`])
      })
      const error = await createClient({ transport })
        .images.list()
        .catch((reason: unknown) => reason)
      expect(isHyperkitError(error, 'list-truncated')).toBe(true)
    } finally {
      performance.now = clock
    }
  })

  test('T45: a slow listing is refused even if an equally slow count agrees', async () => {
    const clock = performance.now.bind(performance)
    let now = clock()
    performance.now = () => now
    try {
      const transport = scriptedTransport((said) => {
        if (said.path === '/1.0') return sync(lxdServer)
        now += 9_500
        return said.path.includes('recursion=1')
          ? sync([{ fingerprint }])
          : sync([`/1.0/images/${fingerprint}`])
      })
      const error = await createClient({ transport })
        .images.list()
        .catch((reason: unknown) => reason)
      expect(isHyperkitError(error, 'list-truncated')).toBe(true)
    } finally {
      performance.now = clock
    }
  })

  test('a quick listing is one request', async () => {
    const transport = scriptedTransport((said) =>
      said.path === '/1.0' ? sync(lxdServer) : sync([{ fingerprint }]),
    )
    const client = createClient({ transport })
    await client.server()
    await client.images.list()
    expect(transport.said.map(({ path }) => path)).toEqual(['/1.0', '/1.0/images?recursion=1'])
  })
})

describe('arguments', () => {
  const transport = scriptedTransport(() => {
    throw new Error('nothing may be sent')
  })
  const client = createClient({ transport })

  test.each(['%', '_', 'a%', 'zz', '../x', 'a'.repeat(65), 'ünïcode'])(
    'fingerprint %j is refused before anything is sent',
    async (value) => {
      await expect(client.images.delete(value)).rejects.toMatchObject({ code: 'invalid-argument' })
      await expect(client.images.get(value)).rejects.toMatchObject({ code: 'invalid-argument' })
      expect(transport.said).toEqual([])
    },
  )

  test('an empty fingerprint asks for an identifier', async () => {
    await expect(client.images.get('')).rejects.toMatchObject({ code: 'image-identifier-required' })
  })

  test.each(['', '.', '..', 'a\0b', 'a\nb', '\u007f', '\ud800'])(
    'alias %j is refused before anything is sent',
    async (name) => {
      await expect(client.aliases.create(name, { target: fingerprint })).rejects.toMatchObject({
        code: 'invalid-argument',
      })
      await expect(client.aliases.rename('good', name)).rejects.toMatchObject({ code: 'invalid-argument' })
      await expect(client.aliases.get(name)).rejects.toMatchObject({ code: 'invalid-argument' })
      expect(transport.said).toEqual([])
    },
  )

  test('properties that would crash a daemon or be cut are refused', async () => {
    for (const properties of [null, { a: {} }, { a: 'b\0c' }, { '': 'x' }, ['a']]) {
      await expect(client.images.patch(fingerprint, { properties } as never)).rejects.toMatchObject({
        code: 'invalid-argument',
      })
    }
    expect(transport.said).toEqual([])
  })

  test.each([
    { method: 'POST', path: '/1.0/images', json: {} },
    { method: 'POST', path: '/1.0/images', json: { SOURCE: null } },
    { method: 'POST', path: '/1.0/images', json: { source: { type: 'image', protocol: 'lxd', alias: 'x' } } },
    { method: 'POST', path: '/1.0/images', headers: { 'X-Incus-Properties': 'a=b' } },
    { method: 'PATCH', path: `/1.0/images/${fingerprint}`, json: { Properties: null } },
    { method: 'GET', path: '/1.0/images', query: { filter: 'aliases.name eq x' } },
    { method: 'GET', path: '/1.0/images?filter=update_source.alias+eq+x' },
  ] as const)('a raw request that would crash a daemon is refused: %j', async (call) => {
    await expect(client.request(call)).rejects.toMatchObject({ code: 'invalid-argument' })
    expect(transport.said).toEqual([])
  })

  test('an alias without a target, an image without a name and an unknown protocol have codes of their own', async () => {
    await expect(client.aliases.create('x', {} as never)).rejects.toMatchObject({
      code: 'alias-attributes-required',
    })
    await expect(client.images.createFromRemote('https://x', {} as never)).rejects.toMatchObject({
      code: 'image-identifier-required',
    })
    const lxd = createClient({ transport: scriptedTransport(() => sync(lxdServer)) })
    await expect(
      lxd.images.createFromRemote('https://x', { alias: 'a', protocol: 'incus' }),
    ).rejects.toMatchObject({ code: 'invalid-protocol' })
  })
})
