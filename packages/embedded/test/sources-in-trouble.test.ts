import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ask, settle, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'
import { create, listenOn, newServer, sha256 } from './source-servers.ts'

test('a pull without a server ends the daemon on Incus, and is an error on LXD', async () => {
  const source = { type: 'image', protocol: 'lxd', alias: 'a' }
  const incus = newServer({ dialect: 'incus' })
  const accepted = await ask(incus, 'POST', '/1.0/images', { json: { source } })
  while ((await ask(incus, 'GET', accepted.operation)).status === 200) await new Promise(setImmediate)
  const lxd = newServer({ dialect: 'lxd' })
  expect((await create(lxd, { source })).err).toBe(
    'Failed to connect to LXD server "": Get "/1.0": unsupported protocol scheme ""',
  )
})

test('an image uploaded while it is pulled has no file until it is uploaded again', async () => {
  const archive = await makeArchive()
  const fingerprint = sha256(archive)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const site = createServer(async (request, response) => {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/file`
    if (request.url !== '/file')
      response.writeHead(200, { 'LXD-Image-Hash': fingerprint, 'LXD-Image-URL': url }).end()
    else {
      response.write(archive.subarray(0, 10))
      await held
      response.end(archive.subarray(10))
    }
  })
  const url = await listenOn(site)
  const server = newServer({ dialect: 'lxd' })
  const pull = await ask(server, 'POST', '/1.0/images', { json: { source: { type: 'url', url } } })
  while ((await ask(server, 'GET', pull.operation)).metadata.may_cancel !== true)
    await new Promise(setImmediate)
  expect((await upload(server, archive)).status).toBe('Success')
  release()
  expect((await settle(server, pull)).err).toContain('UNIQUE constraint failed')
  const exported = await ask(server, 'GET', `/1.0/images/${fingerprint}/export`)
  expect([exported.status, exported.error]).toEqual([
    500,
    `open images/${fingerprint}: no such file or directory`,
  ])
  expect((await upload(server, archive)).err).toBe('Image with same fingerprint already exists')
  const repaired = await server.fetch(new Request(`http://server/1.0/images/${fingerprint}/export`))
  expect(repaired.status).toBe(200)
})

test('a cancelled download is first "Cancelled" and then a failure', async () => {
  const site = createServer((request, response) => {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/file`
    if (request.url === '/file') response.write('never more than this')
    else response.writeHead(200, { 'LXD-Image-Hash': 'f'.repeat(64), 'LXD-Image-URL': url }).end()
  })
  const url = await listenOn(site)
  const server = newServer({ dialect: 'lxd' })
  const pull = await ask(server, 'POST', '/1.0/images', { json: { source: { type: 'url', url } } })
  let operation = pull.metadata
  while (operation.metadata?.download_progress === undefined) {
    await new Promise(setImmediate)
    operation = (await ask(server, 'GET', pull.operation)).metadata
  }
  expect([operation.may_cancel, operation.metadata.download_progress]).toEqual([
    true,
    expect.stringMatching(/MB/),
  ])
  expect((await ask(server, 'DELETE', pull.operation)).status).toBe(200)
  expect((await ask(server, 'GET', pull.operation)).metadata).toMatchObject({ status: 'Cancelled', err: '' })
  while (operation.status !== 'Failure') {
    await new Promise(setImmediate)
    operation = (await ask(server, 'GET', pull.operation)).metadata
  }
  expect(operation.err).toBe('context canceled')
})
