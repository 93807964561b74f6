import { describe, expect, test } from 'vitest'
import { createImageServer, type ImageServer } from '../src/index.ts'
import { ask, stranger, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

async function withImage(dialect: 'lxd' | 'incus'): Promise<{ server: ImageServer; target: string }> {
  const server = createImageServer({ dialect })
  const { metadata } = await upload(server, await makeArchive())
  return { server, target: metadata.fingerprint }
}

const root = '/1.0/images/aliases'
const pathOf = (name: string): string => `${root}/${encodeURIComponent(name)}`

describe.each(['lxd', 'incus'] as const)('aliases on %s', (dialect) => {
  test('any alias name is accepted and returned unchanged', async () => {
    const { server, target } = await withImage(dialect)
    const names = [
      'a/b c',
      '..',
      '.',
      '//',
      'ü?#%41',
      ' lead',
      'new\nline',
      `${target}`,
      'x'.repeat(3000),
      '__proto__',
    ]
    for (const name of names) {
      const created = await ask(server, 'POST', root, {
        json: { name, target: target.slice(0, 12), type: 'zap' },
      })
      expect([created.status, created.statusCode, created.metadata]).toEqual([201, 200, null])
      const once = encodeURIComponent(name)
      const shown = dialect === 'lxd' ? encodeURIComponent(once) : once
      expect(created.headers.get('location')).toBe(`${root}/${shown}`)
      const { metadata } = await ask(server, 'GET', pathOf(name))
      expect(metadata).toEqual({ description: '', target, name, type: 'container' })
    }
    const listed = (await ask(server, 'GET', `${root}?recursion=1`)).metadata as { name: string }[]
    expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort())
    expect((await ask(server, 'GET', `${root}/a/b%20c`)).status).toBe(200)
  })

  test('creating an alias requires a target and a name that is not taken', async () => {
    const { server, target } = await withImage(dialect)
    expect((await ask(server, 'POST', root, { json: { name: 'a' } })).error).toBe(
      'name and target are required',
    )
    expect((await ask(server, 'POST', root, { json: { name: 'a', target: 'zz' } })).error).toBe(
      'Image not found',
    )
    const race = await Promise.all(
      [1, 2, 3, 4].map(() => ask(server, 'POST', root, { json: { name: 'a', target } })),
    )
    expect(race.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    expect(race.find(({ status }) => status === 409)?.error).toBe('Alias "a" already exists')
  })

  test('PUT of an alias requires an existing alias and a target, and one of several writers with the same ETag succeeds', async () => {
    const { server, target } = await withImage(dialect)
    const missing = await ask(server, 'PUT', pathOf('a'), { json: { target } })
    expect([missing.status, missing.error]).toEqual([404, 'Image alias not found'])
    await ask(server, 'POST', root, { json: { name: 'a', target, description: 'first' } })
    expect((await ask(server, 'PUT', pathOf('a'), { json: {} })).error).toBe('The target field is required')
    const etag = (await ask(server, 'GET', pathOf('a'))).headers.get('etag') ?? ''
    const race = await Promise.all(
      ['one', 'two', 'three'].map((description) =>
        ask(server, 'PUT', pathOf('a'), { json: { target, description }, headers: { 'if-match': etag } }),
      ),
    )
    expect(race.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    await ask(server, 'PUT', pathOf('a'), { json: { target: target.slice(0, 20) } })
    expect((await ask(server, 'GET', pathOf('a'))).metadata).toMatchObject({ target, description: '' })
  })

  test('PATCH of an alias works on Incus and never on LXD 5.0.2', async () => {
    const { server, target } = await withImage(dialect)
    await ask(server, 'POST', root, { json: { name: 'a', target, description: 'old' } })
    const answer = await ask(server, 'PATCH', pathOf('a'), { json: { description: 'new' } })
    const { metadata } = await ask(server, 'GET', pathOf('a'))
    if (dialect === 'incus') {
      expect([answer.status, metadata.description]).toEqual([200, 'new'])
      const wrong = await ask(server, 'PATCH', pathOf('a'), { json: { description: null } })
      expect([wrong.status, wrong.error]).toEqual([400, '`description` was not a string'])
    } else {
      expect([answer.status, answer.error, metadata.description]).toEqual([
        500,
        'context deadline exceeded',
        'old',
      ])
    }
  })

  test('an alias can be renamed, also to the empty name', async () => {
    const { server, target } = await withImage(dialect)
    await ask(server, 'POST', root, { json: { name: 'a', target, description: 'd' } })
    const itself = await ask(server, 'POST', pathOf('a'), { json: { name: 'a' } })
    expect([itself.status, itself.error]).toEqual([409, 'Alias "a" already exists'])
    expect((await ask(server, 'POST', pathOf('a'), { json: { name: 'b' } })).status).toBe(201)
    expect((await ask(server, 'GET', pathOf('a'))).status).toBe(404)
    expect((await ask(server, 'GET', pathOf('b'))).metadata.description).toBe('d')
    expect((await ask(server, 'POST', pathOf('b'), { json: { name: '' } })).status).toBe(201)
    expect((await ask(server, 'DELETE', `${root}/`)).status).toBe(dialect === 'lxd' ? 200 : 500)
  })

  test('DELETE of an alias ignores If-Match, and a second one answers 404', async () => {
    const { server, target } = await withImage(dialect)
    await ask(server, 'POST', root, { json: { name: 'a', target } })
    expect((await ask(server, 'DELETE', pathOf('a'), { headers: { 'if-match': 'x' } })).status).toBe(200)
    expect((await ask(server, 'DELETE', pathOf('a'))).error).toBe('Image alias not found')
  })

  test('an untrusted client sees only the aliases of public images', async () => {
    const { server, target } = await withImage(dialect)
    await ask(server, 'POST', root, { json: { name: 'a', target } })
    expect((await ask(server, 'GET', pathOf('a'), { info: stranger })).status).toBe(404)
    await ask(server, 'PATCH', `/1.0/images/${target}`, { json: { public: true } })
    expect((await ask(server, 'GET', pathOf('a'), { info: stranger })).status).toBe(200)
  })

  test('the location of an alias in another project names that project', async () => {
    const { server } = await withImage(dialect)
    await ask(server, 'POST', '/1.0/projects', { json: { name: 'p' } })
    const { metadata } = await upload(server, await makeArchive(), {}, '/1.0/images?project=p')
    const created = await ask(server, 'POST', `${root}?project=p`, {
      json: { name: 'a', target: metadata.fingerprint },
    })
    expect(created.headers.get('location')).toBe(`${root}/a?project=p`)
  })
})
