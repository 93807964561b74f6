import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createImageServer, type ImageServer } from '../src/index.ts'
import { ask, settle, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

interface Frame {
  type: string
  project: string
  location: string
  metadata: Record<string, unknown>
}

/** Collects frames; `until` resolves at the first that fits. */
async function subscribe(
  url: string,
): Promise<{ frames: Frame[]; until(fits: (frame: Frame) => boolean): Promise<Frame> }> {
  const socket = new WebSocket(url.replace('http', 'ws'))
  open.push(() => socket.close())
  const frames: Frame[] = []
  const wake = new Set<() => void>()
  socket.on('message', (data) => {
    expect(String(data).endsWith('}\n')).toBe(true)
    frames.push(JSON.parse(String(data)) as Frame)
    for (const look of wake) look()
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const until = (fits: (frame: Frame) => boolean): Promise<Frame> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = frames.find(fits)
        if (found === undefined) return
        wake.delete(look)
        resolve(found)
      }
      wake.add(look)
      look()
    })
  return { frames, until }
}

async function newServer(dialect: 'lxd' | 'incus'): Promise<{ server: ImageServer; url: string }> {
  const server = createImageServer({ dialect })
  open.push(() => server.close())
  const { url } = await server.listen({ http: { trust: 'admin' } })
  return { server, url }
}

describe.each(['lxd', 'incus'] as const)('events on %s', (dialect) => {
  test('events report the steps of an operation and the changes of its image', async () => {
    const { server, url } = await newServer(dialect)
    const { frames, until } = await subscribe(`${url}/1.0/events?type=operation,lifecycle`)
    const { metadata } = await upload(server, await makeArchive())
    await until(({ type, metadata: operation }) => type === 'operation' && operation.status === 'Success')
    expect(
      frames.filter(({ type }) => type === 'operation').map(({ metadata: operation }) => operation.status),
    ).toEqual(['Pending', 'Running', 'Running', 'Success'])
    expect(frames.find(({ type }) => type === 'lifecycle')).toMatchObject({
      project: 'default',
      location: 'none',
      metadata: {
        action: 'image-created',
        source: `/1.0/images/${metadata.fingerprint}`,
        context: { type: 'container' },
        requestor: { username: 'root', protocol: 'unix', address: '@' },
      },
    })
    await ask(server, 'POST', '/1.0/images/aliases', { json: { name: 'a/b', target: metadata.fingerprint } })
    const created = await until(({ metadata: event }) => event.action === 'image-alias-created')
    expect(created.metadata.source).toBe(`/1.0/images/aliases/${dialect === 'lxd' ? 'a%252Fb' : 'a%2Fb'}`)
    await settle(server, await ask(server, 'DELETE', `/1.0/images/${metadata.fingerprint}`))
    await until(({ metadata: event }) => event.action === 'image-deleted')
    const withImage = frames.some(({ metadata: event }) => event.action === 'image-alias-deleted')
    expect(withImage).toBe(dialect === 'incus')
  })

  test('a listener receives only events of the requested types and project', async () => {
    const { server, url } = await newServer(dialect)
    await ask(server, 'POST', '/1.0/projects', { json: { name: 'p' } })
    const { frames, until } = await subscribe(`${url}/1.0/events?type=lifecycle&project=p`)
    const everywhere = await subscribe(`${url}/1.0/events?all-projects=true`)
    await upload(server, await makeArchive())
    await upload(server, await makeArchive(), {}, '/1.0/images?project=p')
    await until(({ metadata }) => metadata.action === 'image-created')
    expect(frames.map(({ type, project }) => [type, project])).toEqual([['lifecycle', 'p']])
    await everywhere.until(({ project }) => project === 'p')
    expect(new Set(everywhere.frames.map(({ project }) => project))).toEqual(new Set(['default', 'p']))
  })

  test('an unknown event type, an untrusted client and a request without an upgrade are refused', async () => {
    const { server, url } = await newServer(dialect)
    const refusal = (target: string): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(target.replace('http', 'ws'))
        socket.once('error', () => {})
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      })
    expect(await refusal(`${url}/1.0/events?type=zap`)).toBe(dialect === 'lxd' ? 500 : 400)
    const { url: closed } = await server.listen({ http: {} })
    expect(await refusal(`${closed}/1.0/events`)).toBe(403)
    const plain = await server.fetch(new Request('http://server/1.0/events'))
    expect([plain.status, await plain.text()]).toEqual([400, 'Bad Request\n'])
  })
})
