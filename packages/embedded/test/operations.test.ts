import { describe, expect, test } from 'vitest'
import { createImageServer, type ImageServerOptions } from '../src/index.ts'
import { ask, send, settle, stranger, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

/** Lets timers run between two requests: requests to `fetch` alone never leave the turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

const failed = async (options: ImageServerOptions) => {
  const server = createImageServer(options)
  const accepted = await ask(server, 'POST', '/1.0/images', { body: 'no image' })
  return ask(server, 'GET', `${accepted.operation}/wait`)
}

/** A token stays Running until it is used. */
const withToken = async (options: ImageServerOptions) => {
  const server = createImageServer(options)
  const {
    metadata: { fingerprint },
  } = await upload(server, await makeArchive()).then((operation) => operation)
  const token = await ask(server, 'POST', `/1.0/images/${fingerprint}/secret`)
  return { server, fingerprint, token }
}

describe('waiting', () => {
  test('a wait in the state dialect answers with the failed operation', async () => {
    const answer = await failed({ dialect: 'lxd' })
    expect([answer.status, answer.type]).toEqual([200, 'sync'])
    expect(answer.metadata).toMatchObject({
      status: 'Failure',
      status_code: 400,
      err: 'Unsupported compression',
    })
  })

  test('a wait in the error dialect answers a failure with an error under HTTP 200, without the metadata', async () => {
    const answer = await failed({ dialect: 'incus' })
    expect([answer.status, answer.type, answer.error, answer.metadata]).toEqual([
      200,
      'error',
      'Unsupported compression',
      null,
    ])
  })

  test('an option chooses the dialect of waiting', async () => {
    expect((await failed({ dialect: 'lxd', waitDialect: 'error' })).type).toBe('error')
    expect((await failed({ dialect: 'incus', waitDialect: 'state' })).type).toBe('sync')
  })

  test('a wait that times out answers with the running operation or an error', async () => {
    const lxd = await withToken({ dialect: 'lxd' })
    const running = await ask(lxd.server, 'GET', `${lxd.token.operation}/wait?timeout=0`)
    expect(running.metadata.status).toBe('Running')
    const incus = await withToken({ dialect: 'incus' })
    const over = await ask(incus.server, 'GET', `${incus.token.operation}/wait?timeout=0`)
    expect([over.status, over.type, over.error]).toEqual([200, 'error', 'context deadline exceeded'])
    const bad = await ask(lxd.server, 'GET', `${lxd.token.operation}/wait?timeout=x`)
    expect([bad.status, bad.error]).toEqual([500, 'strconv.Atoi: parsing "x": invalid syntax'])
  })

  test('an untrusted client can wait only with the secret', async () => {
    const { server, token } = await withToken({ dialect: 'lxd' })
    const path = `${token.operation}/wait?timeout=0`
    expect((await ask(server, 'GET', path, { info: stranger })).status).toBe(403)
    expect((await ask(server, 'GET', `${path}&secret=x`, { info: stranger })).status).toBe(403)
    const { secret } = token.metadata.metadata
    expect((await ask(server, 'GET', `${path}&secret=${secret}`, { info: stranger })).status).toBe(200)
    expect((await ask(server, 'GET', '/1.0/operations/x/wait?secret=x', { info: stranger })).status).toBe(404)
  })

  test('a restart closes the connections of waiting clients', async () => {
    const { server, token } = await withToken({ dialect: 'lxd' })
    const waiting = send(server, 'GET', `${token.operation}/wait`)
    await server.restart()
    expect((await waiting).status).toBe(500)
    expect((await ask(server, 'GET', token.operation)).status).toBe(404)
  })
})

describe.each(['lxd', 'incus'] as const)('operations on %s', (dialect) => {
  test('a finished operation is forgotten after its retention', async () => {
    const server = createImageServer({ dialect, retention: 30 })
    const accepted = await ask(server, 'POST', '/1.0/images', { body: await makeArchive() })
    await ask(server, 'GET', `${accepted.operation}/wait`)
    let answer = await ask(server, 'GET', accepted.operation)
    expect(answer.metadata.status).toBe('Success')
    while (answer.status === 200) {
      await turn()
      answer = await ask(server, 'GET', accepted.operation)
    }
    expect([answer.status, answer.error]).toEqual([404, 'Operation not found'])
  })

  test('the server lists operations by status', async () => {
    const { server, token } = await withToken({ dialect })
    await settle(server, await ask(server, 'POST', '/1.0/images', { body: 'no image' }))
    const groups = (await ask(server, 'GET', '/1.0/operations')).metadata
    expect(Object.keys(groups).sort()).toEqual(['failure', 'running', 'success'])
    expect(groups.running).toEqual([token.operation])
    const full = (await ask(server, 'GET', '/1.0/operations?recursion=1')).metadata
    expect(full.failure[0].err).toBe('Unsupported compression')
  })

  test('a cancelled token still opens its image for a while', async () => {
    const { server, fingerprint, token } = await withToken({ dialect })
    expect((await ask(server, 'DELETE', token.operation)).metadata).toEqual({})
    const again = await ask(server, 'DELETE', token.operation)
    expect([again.status, again.error]).toEqual([400, 'Only running operations can be cancelled'])
    expect((await ask(server, 'GET', `${token.operation}/wait`)).metadata).toMatchObject({
      status: 'Cancelled',
      status_code: 401,
      may_cancel: true,
      err: '',
    })
    const path = `/1.0/images/${fingerprint}?secret=${token.metadata.metadata.secret}`
    expect((await ask(server, 'GET', path, { info: stranger })).status).toBe(200)
  })

  test('a running upload cannot be cancelled', async () => {
    const server = createImageServer({ dialect })
    const accepted = await ask(server, 'POST', '/1.0/images', { body: await makeArchive() })
    const answer = await ask(server, 'DELETE', accepted.operation)
    expect([answer.status, answer.error]).toEqual([400, "This operation can't be cancelled"])
  })

  test('a secret that was used opens a private image during the retention, and not after it', async () => {
    const { server, fingerprint, token } = await withToken({ dialect, retention: 40 })
    const path = `/1.0/images/${fingerprint}/export?secret=${token.metadata.metadata.secret}`
    const info = stranger
    expect((await send(server, 'GET', `/1.0/images/${fingerprint}/export?secret=x`, { info })).status).toBe(
      404,
    )
    expect((await send(server, 'GET', path, { info })).status).toBe(200)
    expect((await ask(server, 'GET', token.operation)).metadata.status).toBe('Cancelled')
    let status = 200
    while (status === 200) {
      await turn()
      status = (await send(server, 'GET', path, { info })).status
    }
    expect(status).toBe(404)
  })
})
