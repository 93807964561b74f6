import { once } from 'node:events'
import type { TransportOptions } from '@hyperkit/connect'
import { CertificateChangedError, isHyperkitError } from '@hyperkit/core'
import { expect, onTestFinished, test } from 'vitest'
import { failureOf, mine, open, other, own, pinned, secure, send, until } from './open-transport.ts'
import { echo, serveGreeting, serveHttp, serveHttps } from './serve.ts'

test('a pinned certificate is accepted by fingerprint and by PEM', async () => {
  const served = await secure()
  for (const serverCertificate of [
    own.fingerprint,
    own.certificate,
    own.fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:'),
  ]) {
    const transport = await open({ url: served.url, serverCertificate })
    expect(await (await send(transport, '/1.0?a=b')).json()).toMatchObject({ url: '/1.0?a=b' })
  }
})

test('a client certificate is presented to the server', async () => {
  const served = await until(serveGreeting(own))
  const clientCertificate = { cert: mine.certificate, key: mine.key }
  const answer = await send(await open({ ...pinned(served), clientCertificate } as TransportOptions), '/')
  expect(await answer.text()).toBe('hello client')
})

test('a certificate other than the pinned one is an error with both fingerprints', async () => {
  const served = await secure()
  for (const serverCertificate of [other.fingerprint, other.certificate]) {
    const error = await failureOf(send(await open({ url: served.url, serverCertificate, name: 'prod' }), '/'))
    expect(error).toBeInstanceOf(CertificateChangedError)
    expect(error).toMatchObject({ expected: other.fingerprint, actual: own.fingerprint, server: 'prod' })
  }
})

test('a certificate that changes between two requests is noticed', async () => {
  const before = await serveHttps(own, echo)
  const transport = await open(pinned(before))
  await (await send(transport, '/')).text()
  await before[Symbol.asyncDispose]()
  await until(serveHttps(other, echo, Number(new URL(before.url).port)))
  // The first request may fail on the old connection, which is closed.
  const errors = [await failureOf(send(transport, '/')), await failureOf(send(transport, '/'))]
  expect(errors.at(-1)).toBeInstanceOf(CertificateChangedError)
})

test('a self-signed certificate without a pin is refused, and the error shows its fingerprint', async () => {
  const error = await failureOf(send(await open({ url: (await secure()).url }), '/'))
  expect(isHyperkitError(error, 'certificate-rejected')).toBe(true)
  expect((error as Error).message).toContain(own.fingerprint)
})

test('nothing is sent to a server with the wrong certificate', async () => {
  let requests = 0
  const served = await secure((request, response) => {
    requests++
    echo(request, response)
  })
  await failureOf(
    send(await open({ url: served.url, serverCertificate: other.certificate, token: 'secret' }), '/'),
  )
  await failureOf(send(await open({ url: served.url, token: 'secret' }), '/'))
  expect(requests).toBe(0)
})

test('a plain HTTP server behind an https URL is an error, not an answer', async () => {
  const served = await until(serveHttp(echo))
  const url = served.url.replace('http:', 'https:')
  expect(await failureOf(send(await open({ url, serverCertificate: own.certificate }), '/'))).toBeInstanceOf(
    Error,
  )
  expect(await failureOf(send(await open({ url, serverCertificate: own.fingerprint }), '/'))).toBeInstanceOf(
    Error,
  )
})

test('a server that supports TLS 1.2 only is refused', async () => {
  const https = await import('node:https')
  const server = https.createServer({ key: own.key, cert: own.certificate, maxVersion: 'TLSv1.2' }, echo)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as import('node:net').AddressInfo
  expect(
    await failureOf(
      send(await open({ url: `https://127.0.0.1:${port}`, serverCertificate: own.certificate }), '/'),
    ),
  ).toBeInstanceOf(Error)
})
