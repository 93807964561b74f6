import { expect, test } from 'vitest'
import { openRegistry } from '../src/index.ts'
import { fingerprintOfLayers, parseImageName } from '../src/parts.ts'
import { type Asked, digestOf, from, image, ociManifest, open, url } from './scripted-registry.ts'

test('a tag is asked for by HEAD, and everything else by digests that are verified', async () => {
  const { registry, asked } = open(from(image(['amd64', 'arm64'])))
  const found = await registry.resolve('team/app:1', { architecture: 'x86_64' })
  expect(found).toMatchObject({
    alias: 'team/app:1',
    architecture: 'x86_64',
    architectures: ['x86_64', 'aarch64'],
    size: 20,
    createdAt: new Date('2024-05-06T07:08:09Z'),
    fingerprint: fingerprintOfLayers([digestOf('base'), digestOf('amd64')]),
    pinned: `team/app@${found.digest}`,
  })
  expect(
    asked.map(({ method, url: to }) => `${method} ${new URL(to).pathname.replace(/sha256:.*/, '…')}`),
  ).toEqual([
    'HEAD /v2/team/app/manifests/1',
    'GET /v2/team/app/manifests/…',
    'GET /v2/team/app/manifests/…',
    'GET /v2/team/app/blobs/…',
  ])
  expect(await registry.digest('team/app:1')).toBe(found.digest)
  expect((await registry.resolve(found.pinned, { architecture: 'aarch64' })).architecture).toBe('aarch64')
})

test('documents that are kept are not asked for again, and one that was changed is', async () => {
  const kept = new Map<string, string>()
  const documents = {
    read: async (digest: string) => kept.get(digest),
    write: async (digest: string, text: string) => void kept.set(digest, text),
  }
  const answers = image(['amd64'])
  const first = await open(from(answers), { documents }).registry.resolve('team/app:1')
  expect(kept.size).toBe(3)
  const { registry, asked } = open(from(answers), { documents })
  expect(await registry.resolve('team/app:1')).toEqual(first)
  expect(asked.map(({ method }) => method)).toEqual(['HEAD'])
  for (const [digest, text] of kept) kept.set(digest, text.replace('linux', 'other'))
  expect(await open(from(answers), { documents }).registry.resolve('team/app:1')).toEqual(first)
})

test('a missing architecture is refused with those that are there, also of an image without an index', async () => {
  const { registry } = open(from(image(['arm64', 's390x'])))
  await expect(registry.resolve('team/app:1', { architecture: 'x86_64' })).rejects.toMatchObject({
    code: 'not-found',
    message:
      'Cannot read image "team/app:1" of "reg": tag "1" is not there for x86_64, only for aarch64, s390x',
  })
  const server = { name: 'prod', architectures: ['x86_64', 'i686'] }
  await expect(registry.resolve('team/app:1', { server })).rejects.toThrow(
    'of "reg": tag "1" is not there for server "prod" (x86_64, i686), only for aarch64, s390x',
  )
  const arm = image(['arm64'])
  const single = [...arm].find(([, { headers }]) => headers.get('content-type') === ociManifest)
  arm.set('/v2/team/app/manifests/1', single?.[1] ?? Response.error())
  await expect(open(from(arm)).registry.resolve('team/app:1', { architecture: 'amd64' })).rejects.toThrow(
    'not there for x86_64, only for aarch64',
  )
})

test('a document that does not match its digest is refused', async () => {
  const documents = image(['amd64'])
  const config = [...documents.keys()].find((path) => path.includes('/blobs/')) ?? ''
  documents.set(config, Response.json({ architecture: 'amd64' }))
  await expect(open(from(documents)).registry.resolve('team/app:1')).rejects.toMatchObject({
    code: 'fingerprint-mismatch',
  })
})

test('an unknown tag, a web page, and a limit on requests are explained in one sentence each', async () => {
  await expect(open(from(new Map())).registry.resolve('team/app:9')).rejects.toMatchObject({
    code: 'not-found',
    message:
      'Cannot read image "team/app:9" of "reg": the registry has no such repository, or no such tag in it',
  })
  const page = () => new Response('<html>', { headers: { 'content-type': 'text/html' } })
  await expect(open(page).registry.resolve('team/app')).rejects.toMatchObject({
    code: 'unexpected-answer',
    message:
      'Cannot read image "team/app" of "reg": the answer is a web page (text/html) and not that of a registry; check the address',
  })
  await expect(open(page).registry.tags('team/app')).rejects.toThrow(
    'not that of a registry; check the address',
  )
  const headers = {
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '0;w=21600',
    'retry-after': '120',
  }
  const busy = () => Response.json({ errors: [{ code: 'TOOMANYREQUESTS' }] }, { status: 429, headers })
  await expect(open(busy).registry.digest('team/app')).rejects.toMatchObject({
    code: 'unavailable',
    status: 429,
    message:
      'Cannot read image "team/app" of "reg": the registry allows no more requests for now (its limit is 100 requests in 6 hours, 0 are left); try again in 2 minutes, or log in with "docker login", since users that a registry knows often have a higher limit',
  })
})

test('a stranger gets a token from the server that the registry names, and a user shows it the credentials', async () => {
  const documents = image(['amd64'])
  const answer = (asked: Asked): Response => {
    const to = new URL(asked.url)
    if (to.host === 'auth.example.org')
      return Response.json({ token: asked.authorization === null ? 'stranger' : 'user' })
    if (asked.authorization === 'Bearer user') return from(documents)(asked)
    return new Response('', {
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer realm="https://auth.example.org/token",service="reg, one",scope="repository:team/app:pull"',
      },
    })
  }
  await expect(open(answer).registry.digest('team/app:1')).rejects.toMatchObject({
    code: 'not-authorized',
    message:
      'Cannot read image "team/app:1" of "reg": it is not there, or the registry shows it only to users that it knows; log in with "docker login registry.example.org", or name the credentials in DOCKER_AUTH_CONFIG',
  })
  const credentials = async () => ({ username: 'ada', secret: 'pw', from: 'a file' })
  const { registry, asked } = open(answer, { credentials })
  await registry.resolve('team/app:1')
  const tokens = asked.filter(({ url: to }) => to.startsWith('https://auth.example.org'))
  expect(tokens).toEqual([
    {
      method: 'GET',
      url: 'https://auth.example.org/token?service=reg%2C+one&scope=repository%3Ateam%2Fapp%3Apull',
      authorization: `Basic ${btoa('ada:pw')}`,
    },
  ])
  expect(asked[0]?.authorization).toBeNull()
})

test('wrong credentials are refused with their user and place, and never with the secret', async () => {
  const answer = (): Response =>
    Response.json(
      { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
  const credentials = async () => ({
    username: 'ada',
    secret: 'hidden',
    from: '/home/ada/.docker/config.json',
  })
  const error: unknown = await open(answer, { credentials })
    .registry.digest('team/app')
    .catch((reason) => reason)
  expect(error).toMatchObject({
    code: 'not-authorized',
    message: expect.stringMatching(
      /does not accept the credentials of "ada" in \/home\/ada\/\.docker\/config\.json for this \(401\)?/,
    ),
  })
  expect(JSON.stringify(error) + String(error)).not.toContain('hidden')
})

test('credentials do not follow a redirect to another host, and no redirect leads to plain http', async () => {
  const documents = image(['amd64'])
  const store = (asked: Asked): Response => {
    const to = new URL(asked.url)
    if (to.host === 'store.example.org') return from(documents)({ ...asked, url: `${url}${to.pathname}` })
    if (asked.authorization === null)
      return new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } })
    if (to.pathname.includes('/blobs/'))
      return new Response('', {
        status: 307,
        headers: { location: `https://store.example.org${to.pathname}` },
      })
    return from(documents)(asked)
  }
  const credentials = async () => ({ username: 'ada', secret: 'pw', from: 'a file' })
  const { registry, asked } = open(store, { credentials })
  await registry.resolve('team/app:1')
  const elsewhere = asked.filter(({ url: to }) => !to.startsWith(url))
  expect(elsewhere).toMatchObject([{ authorization: null }])
  const plain = () => new Response('', { status: 302, headers: { location: 'http://registry.example.org/' } })
  await expect(open(plain).registry.digest('team/app')).rejects.toThrow('which is not https')
})

test('lists are read page by page, from the registry itself only', async () => {
  const pages = ({ url: to }: Asked): Response => {
    const { searchParams, pathname } = new URL(to)
    if (pathname === '/v2/_catalog') return Response.json({ repositories: ['team/app', 'other/app'] })
    const last = searchParams.get('last')
    if (last === null)
      return Response.json(
        { tags: ['1'] },
        { headers: { link: '</v2/team/app/tags/list?last=1&n=1>; rel="next"' } },
      )
    return Response.json(
      { tags: ['2'] },
      { headers: { link: '<https://evil.example.org/v2/x>; rel="next"' } },
    )
  }
  expect(await open(pages).registry.tags('team/app')).toEqual(['1', '2'])
  expect(await open(pages, {}, `${url}/team`).registry.repositories()).toEqual(['app'])
})

test('an address with credentials, or without https, is refused before anything is sent', () => {
  expect(() => openRegistry('https://ada:pw@registry.example.org')).toThrow(
    /contains credentials, which servers store/,
  )
  expect(() => openRegistry('http://registry.example.org')).toThrow(/over https only/)
  try {
    openRegistry('https://ada:pw@registry.example.org')
  } catch (error) {
    expect(String(error)).not.toContain('pw')
  }
})

test.for([
  ['alpine', { repository: 'alpine', tag: 'latest', digest: undefined }],
  ['a/b-c/d__e:1.2_3', { repository: 'a/b-c/d__e', tag: '1.2_3', digest: undefined }],
  [`a@sha256:${'0'.repeat(64)}`, { repository: 'a', tag: undefined, digest: `sha256:${'0'.repeat(64)}` }],
] as const)('parseImageName reads %s', ([text, name]) => {
  expect(parseImageName(text)).toEqual(name)
})

test.for(['', 'Alpine', 'a:', 'a@sha256:12', '../a', 'a//b', 'a b', 'a:1@x@y'])(
  'parseImageName refuses %j',
  (text) => {
    expect(() => parseImageName(text)).toThrow(/as the name of an image of a registry/)
  },
)

test('a host that the registry redirects to gets no credentials, whatever it asks for', async () => {
  const store = 'https://store.example.org'
  for (const challenge of [`Bearer realm="${store}/token"`, 'Basic realm="store"']) {
    const { registry, asked } = open(
      ({ url: to }) =>
        to.startsWith(store)
          ? Response.json({ token: 'token' }, { status: 401, headers: { 'www-authenticate': challenge } })
          : new Response(null, { status: 307, headers: { location: `${store}/blob` } }),
      { credentials: async () => ({ username: 'ada', secret: 'secret', from: 'config.json' }) },
    )
    await expect(registry.resolve('team/app:1')).rejects.toThrow(
      'it redirects to https://store.example.org, which answered 401; only the registry itself is given credentials',
    )
    expect(asked.map(({ url: to, authorization }) => [new URL(to).pathname, authorization])).toEqual([
      ['/v2/team/app/manifests/1', null],
      ['/blob', null],
    ])
  }
})

test('a list whose pages never end is given up once its names are longer than the longest document', async () => {
  let pages = 0
  const { registry } = open(() => {
    pages += 1
    const tags = Array.from({ length: 20_000 }, (_, index) => `${pages}-${index}-${'x'.repeat(100)}`)
    return Response.json({ tags }, { headers: { link: `</v2/app/tags/list?last=${pages}>; rel="next"` } })
  })
  await expect(registry.tags('app')).rejects.toMatchObject({ code: 'answer-too-long' })
  expect(pages).toBeLessThan(5)
})

test('an image that is for another architecture than its index promises is refused to a server of that architecture', async () => {
  const { registry } = open(from(image(['arm64'], ['amd64'])))
  await expect(registry.resolve('team/app:1', { architecture: 'x86_64' })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('promises an image for x86_64, but that image is one for aarch64'),
  })
  expect((await registry.resolve('team/app:1')).architecture).toBe('aarch64')
})

test('an address for tokens that contains a name or a password is refused, and not shown', async () => {
  for (const user of ['ada:pass-word', ':pass-word', 'ada']) {
    const realm = `Bearer realm="https://${user}@auth.example.org/token"`
    const { registry, asked } = open(
      () => new Response(null, { status: 401, headers: { 'www-authenticate': realm } }),
    )
    await expect(registry.resolve('team/app:1')).rejects.toThrow(
      /it names "https:\/\/auth\.example\.org" for tokens, with credentials in the address$/,
    )
    expect(asked).toHaveLength(1)
  }
})
