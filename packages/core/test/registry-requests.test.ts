import { expect, test, vi } from 'vitest'
import { createClient, isHyperkitError, openRegistry } from '../src/index.ts'
import { digestOf, from, image, ociIndex, ociManifest, open, url } from './scripted-registry.ts'
import { failure, scriptedTransport, sync } from './scripted-transport.ts'

const hub = ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']

test.for(hub)(
  'images of %s are asked of its own API, with official ones below library/, and are of docker.io for servers',
  async (host) => {
    const documents = new Map(
      [...image(['amd64'])].map(([path, answer]) => [path.replace('team/app', 'library/alpine'), answer]),
    )
    const { registry, asked } = open(from(documents), {}, `https://${host}/`)
    const { digest, pinned, alias } = await registry.resolve('alpine:1')
    expect(asked[0]?.url).toBe('https://registry-1.docker.io/v2/library/alpine/manifests/1')
    expect([registry.url, pinned, alias]).toEqual([
      'https://docker.io',
      `library/alpine@${digest}`,
      'alpine:1',
    ])
  },
)

test.for([
  ['https://registry-1.docker.io', 'alpine', 'https://docker.io', 'library/alpine'],
  ['https://index.docker.io/', 'alpine:3.20', 'https://docker.io', 'library/alpine:3.20'],
  ['https://docker.io', 'team/app', 'https://docker.io', 'team/app'],
  ['https://registry.hub.docker.com/library', 'alpine', 'https://docker.io/library', 'alpine'],
  ['https://registry.example.org', 'alpine', 'https://registry.example.org', 'alpine'],
] as const)('a server is told %s and %s as %s and %s', async ([address, alias, server, told]) => {
  const extensions = ['etag', 'dev_incus_images', 'instance_oci']
  const transport = scriptedTransport(({ method, path }) =>
    method === 'POST'
      ? failure(400, 'enough')
      : sync(path === '/1.0' ? { api_extensions: extensions, auth: 'trusted', environment: {} } : []),
  )
  await expect(
    createClient({ transport }).images.createFromRemote(address, { protocol: 'oci', alias }),
  ).rejects.toThrow('enough')
  const sent = transport.said.find(({ method }) => method === 'POST')
  expect(JSON.parse(sent?.body ?? '').source).toMatchObject({ server, alias: told, protocol: 'oci' })
})

/** A registry that leaves the kind of its documents to the documents. */
function withoutTypes(documents: Map<string, Response>): Map<string, Response> {
  return new Map(
    [...documents].map(([path, answer]) => {
      const headers = new Headers(answer.headers)
      headers.delete('content-type')
      return [path, new Response(answer.body, { headers })]
    }),
  )
}

test('a document that was kept is judged as when it was read, by what it says itself', async () => {
  const kept = new Map<string, string>()
  const documents = {
    read: async (digest: string) => kept.get(digest),
    write: async (digest: string, text: string) => void kept.set(digest, text),
  }
  const untyped = withoutTypes(image(['amd64']))
  const first = await open(from(untyped), { documents }).registry.resolve('team/app:1')
  const second = open(from(untyped), { documents })
  expect(await second.registry.resolve('team/app:1')).toEqual(first)
  expect(second.asked).toHaveLength(1)

  for (const [value, why] of [
    [{ mediaType: 'application/vnd.example+json' }, 'it is of the kind "application/vnd.example+json"'],
    [{ schemaVersion: 1, fsLayers: [] }, 'neither the form of an index nor that of a manifest'],
    [{ mediaType: ociManifest, manifests: [] }, 'its manifest does not have the expected form'],
  ] as const) {
    const text = JSON.stringify(value)
    // What the header says is not kept, so it does not count.
    const headers = { 'content-type': ociIndex, 'docker-content-digest': digestOf(text) }
    for (const time of ['fresh', 'kept'])
      await expect(
        open(() => new Response(text, { headers }), { documents }).registry.resolve('team/app:1'),
        time,
      ).rejects.toThrow(why)
    expect(kept.get(digestOf(text))).toBe(text)
  }
})

test('in one pass each tag, document and token is asked for once, whatever the number of servers', async () => {
  const documents = from(image(['amd64', 'arm64']))
  const { registry, asked } = open(
    (request) => {
      if (request.url.startsWith('https://auth.example.org')) return Response.json({ token: 'stranger' })
      if (request.authorization !== null) return documents(request)
      const realm = 'Bearer realm="https://auth.example.org/token"'
      return new Response('', { status: 401, headers: { 'www-authenticate': realm } })
    },
    { asksOnce: true },
  )
  const resolve = (architecture: string) => registry.resolve('team/app:1', { architecture })
  const all = await Promise.all([...Array(10)].flatMap(() => ['x86_64', 'aarch64']).map(resolve))
  expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(2)
  await resolve('x86_64')
  const places = asked.map(({ method, url: to }) => `${method} ${new URL(to).pathname}`)
  // One 401, one token, one tag, an index, and for each architecture a manifest and a configuration.
  expect(places.filter((place) => place === 'GET /token')).toHaveLength(1)
  expect(places.filter((place) => place.startsWith('HEAD'))).toHaveLength(2)
  expect(asked).toHaveLength(8)
  await expect(registry.resolve('team/app:9')).rejects.toMatchObject({ code: 'not-found' })
  await expect(registry.resolve('team/app:9')).rejects.toMatchObject({ code: 'not-found' })
  expect(asked).toHaveLength(9)
})

test.for(['kept', 'each read'] as const)(
  'a refusal of an old token that comes late does not bring back a token that has expired since (tokens %s)',
  async (how) => {
    let valid = ''
    let given = 0
    let answerLate = (): void => {}
    const late = new Promise<void>((resolve) => {
      answerLate = resolve
    })
    let isAskedLate = (): void => {}
    const askedLate = new Promise<void>((resolve) => {
      isAskedLate = resolve
    })
    const shown: string[] = []
    const fetch = async (to: string, init: RequestInit): Promise<Response> => {
      if (to.startsWith('https://auth.example.org')) {
        valid = `${++given}`
        return Response.json({ token: valid })
      }
      const authorization = new Headers(init.headers).get('authorization') ?? 'none'
      shown.push(`${new URL(to).pathname.split('/').at(-1)} ${authorization}`)
      const isAllowed = authorization === `Bearer ${valid}`
      if (to.endsWith('/late') && authorization === 'none') {
        isAskedLate()
        await late
      }
      const realm = 'Bearer realm="https://auth.example.org/token"'
      return isAllowed
        ? new Response(null, { headers: { 'docker-content-digest': digestOf(to) } })
        : new Response(null, { status: 401, headers: { 'www-authenticate': realm } })
    }
    const registry = openRegistry(url, { fetch, asksOnce: how === 'kept' })
    const waiting = registry.digest('team/app:late')
    await askedLate
    await registry.digest('team/app:first')
    valid = 'expired'
    await registry.digest('team/app:second')
    expect(given).toBe(2)
    answerLate()
    await waiting
    await registry.digest('team/app:third')
    // The late one shows the newest token at once, and asks for none of its own.
    expect(shown.slice(-2)).toEqual(['late Bearer 2', 'third Bearer 2'])
    expect(given).toBe(2)
  },
)

test.for(['120', 'date'])(
  'a registry that answers 429 with Retry-After %s is not asked again before, by any of those that share its limits',
  async (after) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
    try {
      const headers = { 'retry-after': after === 'date' ? 'Thu, 01 Jan 2026 00:02:00 GMT' : after }
      const limits = new Map()
      let isBusy = true
      const answers = (): ReturnType<typeof open> =>
        open(
          (asked) =>
            isBusy
              ? Response.json({ errors: [{ code: 'TOOMANYREQUESTS' }] }, { status: 429, headers })
              : from(image(['amd64']))(asked),
          { limits },
        )
      const first = answers()
      const refused: unknown = await first.registry.digest('team/app:1').catch((error: unknown) => error)
      expect(String(refused)).toContain('try again in 2 minutes')
      isBusy = false
      const later = answers()
      vi.setSystemTime(Date.UTC(2026, 0, 1, 0, 1, 59))
      const again: unknown = await later.registry.digest('team/app:1').catch((error: unknown) => error)
      expect(isHyperkitError(again, 'unavailable') && again.message).toBe((refused as Error).message)
      expect([first.asked.length, later.asked.length]).toEqual([1, 0])
      // Another registry is not concerned.
      const other = open(from(new Map()), { limits }, 'https://other.example.org')
      await expect(other.registry.digest('team/app:1')).rejects.toMatchObject({ code: 'not-found' })
      vi.setSystemTime(Date.UTC(2026, 0, 1, 0, 2, 0))
      expect(await later.registry.digest('team/app:1')).toMatch(/^sha256:/)
    } finally {
      vi.useRealTimers()
    }
  },
)

test('the limit of a list counts bytes', async () => {
  const tags = ['é'.repeat(60), 'é'.repeat(60)]
  const pages = ({ url: to }: { url: string }): Response =>
    Response.json(
      { tags: [to.includes('last=') ? tags[1] : tags[0]] },
      to.includes('last=') ? {} : { headers: { link: '</v2/app/tags/list?last=1>; rel="next"' } },
    )
  await expect(open(pages, { maxDocument: 200 }).registry.tags('app')).rejects.toMatchObject({
    code: 'answer-too-long',
  })
  expect(await open(pages, { maxDocument: 240 }).registry.tags('app')).toEqual(tags)
})

test('systems other than Linux are named among the platforms that are there', async () => {
  const text = JSON.stringify({
    mediaType: ociIndex,
    manifests: [{ digest: digestOf('w'), platform: { architecture: 'amd64', os: 'windows' } }],
  })
  const { registry } = open(
    () =>
      new Response(text, { headers: { 'content-type': ociIndex, 'docker-content-digest': digestOf(text) } }),
  )
  await expect(registry.resolve('team/app:1', { architecture: 'x86_64' })).rejects.toThrow(
    `Cannot read image "team/app:1" of "reg": tag "1" is not there for x86_64, only for windows/x86_64`,
  )
  expect(registry.url).toBe(url)
})
