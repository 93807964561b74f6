import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { createImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { kindOf, lostAnswers, type RequestKind } from '../src/http/lost-answers.ts'
import { type Client, createClient, isHyperkitError, type Transport } from '../src/index.ts'
import type { MessageStream } from '../src/parts.ts'

const directory = mkdtempSync(join(tmpdir(), 'hk-lost-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const { path } = await makeImage({ directory, name: 'first' })
const { path: second } = await makeImage({ directory, name: 'second' })

const broken = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

/** A cluster whose answer to one request is lost, before the request was carried out or after. */
interface Scene {
  client: Client
  /** The image that is there. */
  fingerprint: string
  /** Loses the next answers to requests of this kind; before the client learns of it, something else can happen. */
  lose(kind: RequestKind, when: When, times?: number, meanwhile?: () => Promise<unknown>): void
  /** Requests of the kind that was lost. */
  sent(): number
}

type When = 'before' | 'after'

async function openScene(addresses = ['https://a', 'https://b']): Promise<Scene> {
  const server = createImageServer({
    dialect: 'incus-6.0',
    instances: [{ name: 'web1', files: {} }],
  })
  onTestFinished(() => server.close())
  let losing:
    | { kind: RequestKind; when: When; left: number; meanwhile?: (() => Promise<unknown>) | undefined }
    | undefined
  let sent = 0
  const transport: Transport = {
    name: 'cluster',
    origin: 'https://a',
    ...(addresses.length > 1 ? { addresses: { origins: addresses, current: () => addresses[0] ?? '' } } : {}),
    async fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      const whole = request.clone()
      const isLost = losing !== undefined && (await requestKind(request)) === losing.kind
      if (isLost) sent++
      if (!isLost || losing === undefined || losing.left === 0) return server.fetch(whole)
      losing.left--
      if (losing.when === 'before') await whole.arrayBuffer()
      else await outlast((asked) => server.fetch(asked), await server.fetch(whole))
      await losing.meanwhile?.()
      throw broken()
    },
    async openMessages(): Promise<MessageStream> {
      const isLost = losing?.kind === 'events' && losing.left-- > 0
      return {
        close() {},
        async *[Symbol.asyncIterator]() {
          if (isLost) throw broken()
          yield '{}'
        },
      }
    },
  }
  const client = createClient({ transport })
  const { fingerprint } = await uploadImage(client, path)
  return {
    client,
    fingerprint,
    lose(kind, when, times = 1, meanwhile) {
      losing = { kind, when, left: times, meanwhile }
    },
    sent: () => sent,
  }
}

/** Waits for the task that a request has begun, so that its effect is there. */
async function outlast(fetch: (request: Request) => Promise<Response>, answer: Response): Promise<void> {
  const { operation, metadata } = (await answer.json()) as { operation: string; metadata: { class?: string } }
  if (operation && metadata.class === 'task')
    await (await fetch(new Request(`https://a${operation}/wait`))).arrayBuffer()
}

async function requestKind(request: Request): Promise<RequestKind> {
  const { pathname } = new URL(request.url)
  const isJson = request.headers.get('content-type') === 'application/json'
  const json: unknown = isJson ? JSON.parse(await request.text()) : undefined
  return kindOf({
    method: request.method as 'GET',
    path: pathname,
    json,
    ...(isJson || request.body === null ? {} : { body: request.body }),
    ifMatch: request.headers.get('if-match') ?? undefined,
    action: '',
  })
}

/** For each row of the table: work whose request is lost, and how often that request is sent if it was or was not carried out. */
const rows: Record<
  RequestKind,
  { work(scene: Scene): Promise<void>; sent: { before: number; after: number } | 'reported' }[]
> = {
  read: [
    {
      async work({ client, fingerprint }) {
        expect(await client.images.get(fingerprint)).toMatchObject({ fingerprint })
      },
      sent: { before: 2, after: 2 },
    },
  ],
  wait: [
    {
      async work({ client }) {
        await uploadImage(client, second)
        expect(await client.images.fingerprints()).toHaveLength(2)
      },
      sent: { before: 2, after: 2 },
    },
  ],
  events: [
    {
      async work({ client }) {
        const seen: unknown[] = []
        for await (const event of client.events()) {
          seen.push(event)
          if (seen.length === 2) break
        }
        expect(seen).toMatchObject([
          { type: 'connected', reconnects: 0 },
          { type: 'connected', reconnects: 1 },
        ])
      },
      sent: { before: 0, after: 0 },
    },
  ],
  'conditional-change': [
    {
      async work({ client, fingerprint }) {
        const changes = { properties: { os: 'x' }, expiresAt: new Date('2040-01-01'), profiles: ['default'] }
        expect(await client.images.update(fingerprint, changes)).toMatchObject(changes)
      },
      sent: { before: 2, after: 1 },
    },
    {
      async work({ client, fingerprint }) {
        await client.aliases.create('a', { target: fingerprint })
        expect(await client.aliases.update('a', { description: 'd' })).toMatchObject({ description: 'd' })
      },
      sent: { before: 2, after: 1 },
    },
    {
      // A change that only takes away: everything that it names is there from the beginning.
      async work({ client, fingerprint }) {
        await client.images.patch(fingerprint, { properties: { os: 'x', secret: 'y' } })
        const { properties } = await client.images.get(fingerprint)
        const { secret, ...kept } = properties
        expect(secret).toBe('y')
        expect((await client.images.update(fingerprint, { properties: kept })).properties).toEqual(kept)
      },
      sent: { before: 2, after: 1 },
    },
    {
      // A description that is left out becomes empty.
      async work({ client, fingerprint }) {
        await client.aliases.create('a', { target: fingerprint, description: 'old' })
        const { etag } = await client.aliases.get('a')
        const path = '/1.0/images/aliases/a'
        await client.request({ method: 'PUT', path, json: { target: fingerprint }, ifMatch: etag })
        expect((await client.aliases.get('a')).description).toBe('')
      },
      sent: { before: 2, after: 1 },
    },
  ],
  change: [
    {
      async work({ client, fingerprint }) {
        await client.request({
          method: 'PATCH',
          path: `/1.0/images/${fingerprint}`,
          json: { public: true, properties: { a: '1' } },
        })
        expect(await client.images.get(fingerprint)).toMatchObject({ public: true, properties: { a: '1' } })
      },
      sent: { before: 2, after: 1 },
    },
  ],
  'alias-creation': [
    {
      async work({ client, fingerprint }) {
        const attributes = { target: fingerprint, description: 'held by run 1' }
        expect(await client.aliases.create('a/b c', attributes)).toMatchObject(attributes)
      },
      sent: { before: 2, after: 1 },
    },
  ],
  rename: [
    {
      async work({ client, fingerprint }) {
        await client.aliases.create('old/name', { target: fingerprint })
        expect(await client.aliases.rename('old/name', 'new')).toMatchObject({ target: fingerprint })
        expect((await client.aliases.list()).map(({ name }) => name)).toEqual(['new'])
      },
      sent: { before: 2, after: 1 },
    },
  ],
  creation: [
    {
      async work({ client }) {
        const image = await client.images.createFromInstance('web1', { properties: { os: 'x' } })
        expect(image.properties).toMatchObject({ os: 'x' })
        expect(await client.images.fingerprints()).toHaveLength(2)
      },
      sent: { before: 2, after: 1 },
    },
  ],
  upload: [
    {
      async work({ client }) {
        const image = await uploadImage(client, second, { aliases: ['new'] })
        expect(image.aliases).toMatchObject([{ name: 'new' }])
        expect(await client.images.fingerprints()).toHaveLength(2)
      },
      sent: { before: 2, after: 1 },
    },
  ],
  token: [
    {
      async work({ client, fingerprint }) {
        const secret = await client.images.createSecret(fingerprint)
        expect(secret).toBeTruthy()
      },
      sent: { before: 2, after: 2 },
    },
  ],
  deletion: [
    {
      async work({ client, fingerprint }) {
        await client.images.delete(fingerprint)
        expect(await client.images.fingerprints()).toEqual([])
      },
      sent: { before: 2, after: 1 },
    },
    {
      async work({ client, fingerprint }) {
        await client.aliases.create('a', { target: fingerprint })
        await client.aliases.delete('a')
        expect(await client.aliases.list()).toEqual([])
      },
      sent: { before: 2, after: 1 },
    },
  ],
  other: [
    {
      async work({ client }) {
        await client.request({ method: 'POST', path: '/1.0/certificates', json: { name: 'x', token: true } })
      },
      sent: 'reported',
    },
  ],
}

const cases = Object.entries(rows).flatMap(([kind, works]) =>
  works.flatMap((row, index) =>
    (['before', 'after'] as const).map((when) => ({
      kind: kind as RequestKind,
      when,
      row,
      name: `${kind}${works.length > 1 ? ` ${index + 1}` : ''}`,
    })),
  ),
)

describe('a cluster with two addresses whose answer is lost', () => {
  test.for(cases)(
    'work ends well if the answer to a request is lost: $name, $when it was carried out',
    async ({ kind, when, row }) => {
      const scene = await openScene()
      scene.lose(kind, when)
      if (row.sent === 'reported') {
        await expect(row.work(scene)).rejects.toThrow('may or may not have been carried out')
        expect(scene.sent()).toBe(1)
        return
      }
      await row.work(scene)
      expect(scene.sent()).toBe(row.sent[when])
    },
  )

  test('every kind of request has a consequence', () => {
    expect(Object.keys(lostAnswers)).toEqual(Object.keys(rows))
  })

  test('a conditional change is a conflict if somebody else has made another one', async () => {
    const scene = await openScene()
    const { client, fingerprint } = scene
    await client.aliases.create('a', { target: fingerprint })
    const { etag } = await client.aliases.get('a')
    await client.aliases.update('a', { description: 'theirs' })
    scene.lose('conditional-change', 'before')
    const change = client.aliases.update('a', { description: 'ours' }, { ifMatch: etag })
    await expect(change).rejects.toMatchObject({
      code: 'precondition-failed',
      message: expect.stringContaining('the answer was lost'),
    })
  })

  test('an alias that somebody else has created meanwhile is not deleted again', async () => {
    const scene = await openScene()
    const { client, fingerprint } = scene
    await client.aliases.create('a', { target: fingerprint, description: 'theirs' })
    scene.lose('deletion', 'before')
    await client.aliases.delete('a', { isStillMeant: ({ description }) => description === 'ours' })
    expect(await client.aliases.list()).toHaveLength(1)
  })

  test('an image that somebody else has uploaded again meanwhile is not deleted again', async () => {
    const scene = await openScene()
    const { client, fingerprint } = scene
    scene.lose('deletion', 'after', 1, () => uploadImage(client, path, { aliases: ['theirs'] }))
    await client.images.delete(fingerprint)
    expect(scene.sent()).toBe(1)
    expect((await client.aliases.get('theirs')).target).toBe(fingerprint)
  })

  test('the state of an instance is not changed twice', async () => {
    const scene = await openScene()
    scene.lose('other', 'before')
    const change = scene.client.request({
      method: 'PUT',
      path: '/1.0/instances/web1/state',
      json: { action: 'restart' },
    })
    await expect(change).rejects.toThrow('may or may not have been carried out')
    expect(scene.sent()).toBe(1)
  })

  test('an answer that is lost again and again is reported in the end', async () => {
    const scene = await openScene()
    scene.lose('alias-creation', 'before', 10)
    const creation = scene.client.aliases.create('a', { target: scene.fingerprint })
    await expect(creation).rejects.toSatisfy((error) => isHyperkitError(error, 'closed-without-answer'))
    expect(scene.sent()).toBe(3)
  })
})

test('with one address, a change whose answer is lost is reported and not sent again', async () => {
  const scene = await openScene(['https://a'])
  scene.lose('alias-creation', 'before')
  const creation = scene.client.aliases.create('a', { target: scene.fingerprint })
  await expect(creation).rejects.toThrow('may or may not have been carried out')
  expect(scene.sent()).toBe(1)
})
