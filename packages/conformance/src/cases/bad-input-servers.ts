import { equal, ok } from 'node:assert/strict'
import { createTransport } from '@hyperkit/connect'
import { CertificateChangedError, createClient, type ErrorCode } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { readBytes } from '../harness/read-bytes.ts'
import { listenLoopback } from '../servers/listen-loopback.ts'
import { makeCertificate } from '../servers/make-certificate.ts'
import { pickPort } from '../servers/pick-port.ts'
import { sendFailure, sendJson, startFaultServer } from './bad-input-fault-server.ts'

const topic = 'bad input: servers'
const fingerprint = 'ab'.repeat(32)

export const cases: ConformanceCase[] = [
  {
    name: 'a port where nothing listens is "unreachable", for reads and for uploads',
    topic,
    async run(context) {
      const url = `https://127.0.0.1:${await pickPort()}`
      await failsAt(context, url, ['unreachable'], /cannot be reached/)
    },
  },
  {
    name: 'a plain HTTP server behind an https address is reported as not speaking the protocol',
    topic,
    async run(context) {
      const plain = await listenLoopback((_request, response) => sendFailure(response, 400, 'x'))
      context.cleanup(() => plain.stop())
      const url = plain.url.replace('http:', 'https:')
      await failsAt(context, url, ['unexpected-answer'], /is not from an LXD or Incus server/)
    },
  },
  {
    name: 'an https server behind a plain http address is reported as not speaking the protocol',
    topic,
    async run({ target, imageFile }) {
      const url = target.server.url.replace('https:', 'http:')
      const client = createClient({ transport: await createTransport({ url, name: 'plain' }) })
      const error = await expectError(client.images.list(), 'unexpected-answer', 'closed-without-answer')
      ok(error.message.includes('"plain"'), error.message)
      const file = await imageFile()
      await expectError(client.images.upload(file.source), 'unexpected-answer', 'closed-without-answer')
    },
  },
  {
    name: 'an HTML page with HTTP 200 is an invalid answer, and the error shows its beginning',
    topic,
    async run(context) {
      const { client, name } = await startFaultServer(context, (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>'),
      )
      for (const call of [
        () => client.images.list(),
        () => client.images.get(fingerprint),
        () => client.aliases.get('x'),
      ]) {
        const error = await expectError(call(), 'unexpected-answer')
        ok(error.message.includes('Please log in') && error.message.includes(`"${name}"`), error.message)
        ok(error.message.endsWith('check the address and port'), error.message)
      }
      const exported = await expectError(readAll(client.images.export(fingerprint)), 'unexpected-answer')
      ok(exported.message.includes(fingerprint.slice(0, 12)), exported.message)
    },
  },
  {
    name: 'JSON of another shape is an invalid answer, and the error names the field',
    topic,
    async run(context) {
      const bodies: [unknown, string?][] = [
        [{ hello: 'world' }],
        [[1, 2, 3]],
        [null],
        ['text'],
        [{ type: 'sync', metadata: { fingerprint: 17 } }, 'fingerprint'],
        [{ type: 'sync', metadata: { fingerprint, properties: [1] } }, 'properties'],
        [{ type: 'sync', metadata: 'text' }],
      ]
      for (const [body, field] of bodies) {
        const { client } = await startFaultServer(context, (_request, response) =>
          sendJson(response, 200, body),
        )
        const error = await expectError(client.images.get(fingerprint), 'unexpected-answer')
        ok(field === undefined || error.message.includes(`"${field}`), error.message)
      }
    },
  },
  {
    name: 'truncated JSON is an invalid answer',
    topic,
    async run(context) {
      const { client } = await startFaultServer(context, (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"type":"sync","metada'),
      )
      await expectError(client.images.get(fingerprint), 'unexpected-answer')
    },
  },
  {
    name: 'an answer that breaks off in the middle fails as "interrupted"',
    topic,
    async run(context) {
      const { client, name } = await startFaultServer(context, (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
        response.write('{"type":"sync",', () => request.socket.destroy())
      })
      const error = await expectError(client.images.get(fingerprint), 'interrupted')
      ok(error.message.includes(`"${name}"`), error.message)
    },
  },
  {
    name: 'the client repeats a read, and never a write, if the server closes the connection without an answer',
    topic,
    async run(context) {
      const { client, name, requests } = await startFaultServer(context, (request) =>
        request.socket.destroy(),
      )
      const read = await expectError(client.images.get(fingerprint), 'closed-without-answer')
      ok(read.message.includes(`"${name}"`), read.message)
      ok(requests.length > 1, 'a read is asked again')
      requests.length = 0
      const write = await expectError(client.images.delete(fingerprint), 'closed-without-answer')
      ok(write.message.includes('the request may or may not have been carried out'), write.message)
      equal(requests.length, 1)
      requests.length = 0
      const file = await context.imageFile({ size: 300_000 })
      const upload = await expectError(client.images.upload(file.source), 'closed-without-answer')
      ok(upload.message.includes(file.filename), upload.message)
      equal(requests.length, 1)
      equal(file.opened, 1)
    },
  },
  {
    name: 'an export that breaks off in the middle throws "interrupted" and never ends as if it were complete',
    topic,
    async run(context) {
      const lengths: Record<string, string>[] = [{ 'content-length': '100000' }, {}]
      for (const headers of lengths) {
        const { client } = await startFaultServer(context, (request, response) => {
          response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers })
          response.write(Buffer.alloc(50_000), () => request.socket.destroy())
        })
        const error = await expectError(readAll(client.images.export(fingerprint)), 'interrupted')
        ok(error.message.includes(fingerprint.slice(0, 12)), error.message)
      }
    },
  },
  {
    name: 'an upload that is refused while it is sent stops and fails with the refusal',
    topic,
    async run(context) {
      const { client, requests } = await startFaultServer(context, (request, response) => {
        if (request.method === 'GET') return sendFailure(response, 404, 'Image not found')
        request.once('data', () => sendFailure(response, 403, 'not authorized'))
      })
      let sent = 0
      let stopped = false
      const endless = (): ReadableStream<Uint8Array> =>
        new ReadableStream({
          async pull(controller) {
            // Without a turn of the event loop between chunks, Bun would never read the answer.
            await new Promise((resolve) => setImmediate(resolve))
            sent += 65_536
            controller.enqueue(new Uint8Array(65_536))
          },
          cancel() {
            stopped = true
          },
        })
      const source = { kind: 'unified', open: endless, filename: 'endless.tar' } as const
      const error = await expectError(client.images.upload(source, { fingerprint }), 'not-authorized')
      ok(error.message.includes('"endless.tar"') && error.message.includes('"not authorized"'), error.message)
      ok(error.message.includes("is this client's certificate trusted there"), error.message)
      ok(stopped, `the source is left after ${sent} bytes`)
      equal(requests.filter((request) => request.startsWith('POST')).length, 1)
    },
  },
  {
    name: 'a server that is starting or shutting down is "unavailable", and the error has its own words',
    topic,
    async run(context) {
      const { client, name } = await startFaultServer(context, (_request, response) =>
        sendFailure(response, 503, 'Daemon is starting up'),
      )
      const file = await context.imageFile()
      const calls = [
        () => client.images.get(fingerprint),
        () => client.images.list(),
        () => client.images.upload(file.source),
      ]
      for (const call of calls) {
        const error = await expectError(call(), 'unavailable')
        ok(
          error.message.includes(`"${name}": the server answered 503 "Daemon is starting up"`),
          error.message,
        )
      }
    },
  },
  {
    name: 'the client does not follow a redirect',
    topic,
    async run(context) {
      let followed = 0
      const { client } = await startFaultServer(context, (request, response) => {
        if (request.url === '/elsewhere') followed += 1
        response.writeHead(302, { location: '/elsewhere' }).end()
      })
      await expectError(client.images.get(fingerprint), 'unexpected-answer')
      equal(followed, 0)
    },
  },
  {
    name: 'every call fails if the certificate is not the pinned one, and the error shows both fingerprints',
    topic,
    async run({ target, imageFile }) {
      const { url, clientCertificate, serverFingerprint } = target.server
      const pinned = makeCertificate({ name: 'before', addresses: ['127.0.0.1'] })
      const file = await imageFile()
      for (const serverCertificate of [pinned.cert, pinned.fingerprint]) {
        const transport = await createTransport({
          url,
          name: 'changed',
          serverCertificate,
          clientCertificate,
        })
        const client = createClient({ transport })
        for (const call of [() => client.images.list(), () => client.images.upload(file.source)]) {
          const error = await expectError(call(), 'certificate-changed')
          ok(error instanceof CertificateChangedError)
          equal(error.expected, pinned.fingerprint)
          equal(error.actual, serverFingerprint)
          for (const text of ['"changed"', pinned.fingerprint, serverFingerprint])
            ok(error.message.includes(text), error.message)
        }
        transport.close?.()
      }
    },
  },
  {
    name: 'every call fails if the certificate is not trusted, and the error shows its fingerprint',
    topic,
    async run({ target }) {
      const { url, serverFingerprint } = target.server
      const client = createClient({ transport: await createTransport({ url, name: 'unknown' }) })
      const error = await expectError(client.images.list(), 'certificate-rejected')
      ok(error.message.includes(serverFingerprint) && error.message.includes('pin'), error.message)
    },
  },
]

async function failsAt(
  { target, imageFile, cleanup }: CaseContext,
  url: string,
  codes: [ErrorCode, ...ErrorCode[]],
  pattern: RegExp,
): Promise<void> {
  const { serverCertificate, clientCertificate } = target.server
  const transport = await createTransport({ url, name: 'wrong', serverCertificate, clientCertificate })
  cleanup(() => transport.close?.())
  const client = createClient({ transport })
  const file = await imageFile()
  const calls = [() => client.server(), () => client.images.list(), () => client.images.upload(file.source)]
  for (const call of calls) {
    const error = await expectError(call(), ...codes)
    ok(error.message.includes('"wrong"') && pattern.test(error.message), error.message)
    equal(error.server, 'wrong')
  }
}

async function readAll(
  exporting: ReturnType<CaseContext['client']['images']['export']>,
): Promise<Uint8Array | undefined> {
  const exported = await exporting
  return exported.kind === 'unified' ? readBytes(exported.body) : undefined
}
