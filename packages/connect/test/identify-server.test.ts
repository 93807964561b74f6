import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createSelfSignedCertificate, identifyServer } from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { serveHttp, serveHttps } from './serve.ts'

test('a server is recognized by the certificate of its TLS handshake, pinned or not, whatever it says', async () => {
  const certificate = await createSelfSignedCertificate({ commonName: 'server' })
  await using served = await serveHttps(certificate, (_request, response) => void response.end('{}'))
  const mark = { kind: 'certificate', fingerprint: certificate.fingerprint }
  expect(await identifyServer(await connect({ url: served.url }))).toEqual(mark)
  expect(
    await identifyServer(await connect({ url: served.url, serverCertificate: certificate.certificate })),
  ).toEqual(mark)
})

test('a pinned server is recognized even if it cannot be reached', async () => {
  const fingerprint = 'ab'.repeat(32)
  const client = await connect({ url: 'https://127.0.0.1:1', serverCertificate: fingerprint })
  expect(await identifyServer(client)).toEqual({ kind: 'certificate', fingerprint })
  expect(await identifyServer(await connect({ url: 'https://127.0.0.1:1' }))).toBeUndefined()
})

test('a server over plain http cannot be recognized', async () => {
  await using served = await serveHttp((_request, response) => void response.end('{}'))
  expect(await identifyServer(await connect({ url: served.url }))).toBeUndefined()
})

test('a socket is recognized by its device and inode, whichever path leads to it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hk-mark-'))
  const [socket, link, other] = ['one', 'link', 'two'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [socket, other]) {
    const server = http.createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    onTestFinished(() => void server.close())
  }
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(socket, link)
  const marks = await Promise.all(
    [socket, link, other].map(async (path) => identifyServer(await connect({ socket: path }))),
  )
  expect(marks[0]).toMatchObject({ kind: 'socket' })
  expect(marks[1]).toEqual(marks[0])
  expect(marks[2]).not.toEqual(marks[0])
})

test('a server that accepts a connection and never answers is given up with the signal', async () => {
  const stop = new AbortController()
  const server = net.createServer(() => stop.abort())
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = await connect({ url: `https://127.0.0.1:${port}` })
  expect(await identifyServer(client, { signal: stop.signal })).toBeUndefined()
})
