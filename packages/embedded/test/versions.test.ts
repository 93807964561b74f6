import { describe, expect, test } from 'vitest'
import { createImageServer, type DialectName, type ImageServer } from '../src/index.ts'
import { ask, send, settle, stranger, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

// What the real servers answered to the same calls in November 2026.
const versions = [
  'lxd-5.0',
  'lxd-5.0.3',
  'lxd-5.21',
  'lxd-6.9',
  'lxd-main',
  'incus-6.0',
  'incus-7.0',
] as const satisfies readonly DialectName[]
type Version = (typeof versions)[number]
type By<T> = Readonly<Record<Version, T>>

/** One value each, in the order of {@link versions}. */
function by<T>(...values: [T, T, T, T, T, T, T]): By<T> {
  return Object.fromEntries(versions.map((version, index) => [version, values[index]])) as By<T>
}

const prefixOf = (version: Version): string => (version.startsWith('lxd') ? 'X-LXD-' : 'X-Incus-')

async function withImage(version: Version): Promise<{ server: ImageServer; fingerprint: string }> {
  const server = createImageServer({ dialect: version })
  const { metadata } = await upload(server, await makeArchive(), { [`${prefixOf(version)}public`]: '1' })
  return { server, fingerprint: metadata.fingerprint }
}

const notFound = by('not found', 'not found', 'Not Found', 'Not Found', 'Not Found', 'not found', 'not found')
const missing = by(
  'Image not found',
  'Image not found',
  'Not Found',
  'Not Found',
  'Not Found',
  'Image "000000000000" not found',
  'Image "000000000000" not found',
)
const missingToChange = by(
  'Image not found',
  'Image not found',
  'Failed to check project "default" image feature: Image not found',
  'Failed checking project "default" image feature: Image not found',
  'Failed checking project "default" image feature: Image not found',
  'Image not found',
  'Image not found',
)
const unknownProject = by(
  'Check if project has images: fetch project: Project not found',
  'Check if project has images: fetch project: Project not found',
  'Failed to load project: Project not found',
  'Failed loading project: Project not found',
  'Failed loading project: Project not found',
  'Check if project has images: fetch project: Project not found',
  'Check if project has images: fetch project: Project not found',
)

describe.each(versions)('%s', (version) => {
  test('an untrusted client is told what this server tells one', async () => {
    const { metadata } = await ask(createImageServer({ dialect: version }), 'GET', '/1.0', { info: stranger })
    const keys = ['api_extensions', 'api_status', 'api_version', 'auth', 'public', 'auth_methods']
    const more = by<string[]>(
      [],
      [],
      ['client_certificate', 'config'],
      ['client_certificate', 'config'],
      ['client_certificate', 'config'],
      ['config'],
      ['config'],
    )[version]
    expect(Object.keys(metadata).sort()).toEqual([...keys, ...more].sort())
    expect(metadata.config).toEqual(by(undefined, undefined, null, null, null, {}, {})[version])
    expect(Array.isArray(metadata.api_extensions)).toBe(version !== 'incus-7.0')
  })

  test('what is not there is said in the words of this server', async () => {
    const { server } = await withImage(version)
    const say = async (method: string, path: string, json?: unknown) => {
      const { status, error } = await ask(server, method, path, json === undefined ? {} : { json })
      return `${status} ${error}`
    }
    expect(await say('GET', '/1.0/nope')).toBe(`404 ${notFound[version]}`)
    expect(await say('GET', '/1.0/images/000000000000')).toBe(`404 ${missing[version]}`)
    expect(await say('PATCH', '/1.0/images/000000000000', {})).toBe(`404 ${missingToChange[version]}`)
    expect(await say('GET', '/1.0/images/aliases?project=nope')).toBe(`404 ${unknownProject[version]}`)
    const isHex = /^lxd-(5\.21|6|main)/.test(version)
    expect(await say('GET', '/1.0/images/0000')).toBe(
      isHex
        ? '400 Image fingerprint prefix must contain 12 characters or more'
        : `404 ${missing[version].replace('000000000000', '0000')}`,
    )
  })

  test('a path that is not clean is unknown here, or redirected', async () => {
    const { server } = await withImage(version)
    const answer = await send(server, 'DELETE', '/1.0/images/aliases/..?project=x%2Fy')
    const redirected = by(false, false, false, true, true, false, true)[version]
    expect([answer.status, answer.headers.get('location')]).toEqual(
      redirected ? [307, '/1.0/images?project=x%2Fy'] : [404, null],
    )
  })

  test('what stands below an image is the image on Incus 7 alone', async () => {
    const { server, fingerprint } = await withImage(version)
    const { status } = await ask(server, 'GET', `/1.0/images/${fingerprint}/x/y`)
    expect(status).toBe(version === 'incus-7.0' ? 200 : 404)
  })

  test('a failed operation is waited for in the dialect of this server', async () => {
    const server = createImageServer({ dialect: version })
    const accepted = await ask(server, 'POST', '/1.0/images', { body: 'no image' })
    const answer = await ask(server, 'GET', `${accepted.operation}/wait`)
    expect([answer.status, answer.type]).toEqual(
      by<unknown[]>(
        [200, 'sync'],
        [500, 'error'],
        [200, 'error'],
        [200, 'error'],
        [200, 'error'],
        [200, 'error'],
        [200, 'sync'],
      )[version],
    )
  })

  test('an operation shows what this server shows of it', async () => {
    const { server, fingerprint } = await withImage(version)
    const { metadata: operation } = await ask(server, 'DELETE', `/1.0/images/${fingerprint}`)
    const images = { images: [`/1.0/images/${fingerprint}`] }
    expect(operation.resources).toEqual(by<unknown>(images, images, images, {}, {}, images, images)[version])
    const about = { entity_url: `/1.0/images/${fingerprint}` }
    expect(operation.metadata).toEqual(by<unknown>(null, null, {}, about, about, null, {})[version])
    expect(operation.may_cancel).toBe(by(false, false, false, true, true, false, false)[version])
    const hasRequestor = by(false, false, true, true, true, false, false)[version]
    expect(Object.hasOwn(operation, 'requestor')).toBe(hasRequestor)
    expect(Object.hasOwn(operation, 'child_count')).toBe(version === 'lxd-main')
    expect(operation.id[14]).toBe(/^lxd-(6|main)/.test(version) ? '7' : '4')
  })

  test('images are public where this server allows it, which it says after the whole upload', async () => {
    const server = createImageServer({ dialect: version })
    await ask(server, 'POST', '/1.0/projects', { json: { name: 'p' } })
    const { status, error } = await ask(server, 'POST', '/1.0/images?project=p', {
      body: await makeArchive(),
      headers: { [`${prefixOf(version)}public`]: '1' },
    })
    expect(`${status} ${error}`).toBe(
      /^lxd-(6|main)/.test(version) ? '400 Images can only be marked public in the default project' : '202 ',
    )
  })

  test('a filter compares what this server compares', async () => {
    const { server, fingerprint } = await withImage(version)
    const find = async (filter: string) => {
      const path = `/1.0/images?filter=${encodeURIComponent(filter)}`
      const { status, error, metadata } = await ask(server, 'GET', path)
      return status === 200 ? metadata.length : `${status} ${error}`
    }
    expect(await find('public eq true')).toBe(version === 'lxd-5.0' ? 0 : 1)
    expect(await find(`fingerprint eq ${fingerprint.slice(0, 20)}.*`)).toBe(1)
    const parse = (verb: string) => `500 ${verb} value: invalid character 'x' looking for beginning of value`
    expect(await find('profiles eq x')).toBe(
      by<unknown>(
        0,
        '500 Invalid type "slice" for field "profiles"',
        parse('Failed to parse'),
        parse('Failed parsing'),
        parse('Failed parsing'),
        parse('Failed to parse'),
        parse('Failed to parse'),
      )[version],
    )
  })

  test('metadata.yaml is read as this server reads it', async () => {
    const server = createImageServer({ dialect: version })
    const outcome = async (metadata: string) => (await upload(server, await makeArchive({ metadata }))).err
    const base = 'architecture: x86_64\ncreation_date: 1700000000\n'
    const strict = version === 'incus-7.0'
    expect(await outcome(`${base}properties:\n  a: x\n  a: y\n`)).toBe(
      strict ? 'yaml: construct errors: line 5: mapping key "a" already defined at line 4' : '',
    )
    expect(await outcome(`${base}properties:\n  c: 2020-01-01\n`)).toBe(
      strict ? 'yaml: construct errors: line 4: cannot construct !!timestamp `2020-01-01` into string' : '',
    )
    expect(await outcome('architecture: x86_64\ncreation_date: 1700000000.5\nproperties:\n  d: z\n')).toBe(
      strict ? 'yaml: construct errors: line 2: cannot construct !!float `1700000...` into int64' : '',
    )
    const unknown = "Architecture isn't supported: pdp11"
    const quoted = 'Architecture is not supported: "pdp11"'
    expect(await outcome('architecture: pdp11\ncreation_date: 1\n')).toBe(
      by(unknown, `Architecture isn't supported: "pdp11"`, quoted, quoted, quoted, unknown, unknown)[version],
    )
  })

  test('names of aliases are checked on Incus 7 alone', async () => {
    const { server, fingerprint } = await withImage(version)
    const create = async (name: string) => {
      const json = { name, target: fingerprint }
      const { status, error } = await ask(server, 'POST', '/1.0/images/aliases', { json })
      return `${status} ${error}`
    }
    const refused: Record<string, string> = {
      'a b': 'Name cannot contain white space',
      'a?b': 'Name contains invalid character "?"',
      '-a': 'Names must start and end with an alphanumeric character',
      ['x'.repeat(65)]: 'Maximum name length is 64 characters',
    }
    for (const [name, words] of Object.entries(refused)) {
      expect(await create(name)).toBe(
        version === 'incus-7.0' ? `400 Invalid image alias name: ${words}` : '201 ',
      )
    }
    expect(await create('a/b-1')).toBe('201 ')
  })

  test('a token without properties is refused by LXD 6 when the image comes', async () => {
    const server = createImageServer({ dialect: version })
    const image = await makeArchive()
    const { createHash } = await import('node:crypto')
    const fingerprint = createHash('sha256').update(image).digest('hex')
    const push = async (json: object) => {
      const source = { type: 'image', mode: 'push', fingerprint }
      const token = await ask(server, 'POST', '/1.0/images', { json: { source, ...json } })
      const prefix = prefixOf(version)
      const headers = {
        [`${prefix}secret`]: token.metadata.metadata.secret,
        [`${prefix}fingerprint`]: fingerprint,
      }
      return settle(server, await ask(server, 'POST', '/1.0/images', { body: image, headers }))
    }
    const isRefused = /^lxd-(6|main)/.test(version)
    expect((await push({})).err).toBe(isRefused ? 'Invalid type for field "properties"' : '')
    if (isRefused) expect((await push({ properties: {} })).err).toBe('')
  })

  test('a request body may be of any size, except on Incus 7', async () => {
    const { server, fingerprint } = await withImage(version)
    const json = { properties: { big: 'x'.repeat(1_100_000) } }
    const outcome = async (method: string) => {
      const { status, error } = await ask(server, method, `/1.0/images/${fingerprint}`, { json })
      return `${status} ${error}`
    }
    const isLimited = version === 'incus-7.0'
    expect(await outcome('PUT')).toBe(isLimited ? '400 http: request body too large' : '200 ')
    expect(await outcome('PATCH')).toBe(isLimited ? '500 http: request body too large' : '200 ')
  })
})
