import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

/** A request as it arrived. */
export interface RawRequest {
  method: string
  target: string
  headers: Headers
  body: Buffer
}

/** The bytes of an answer, whatever HTTP says about them, and what becomes of the connection. */
export interface RawAnswer {
  bytes: Uint8Array
  ends: 'kept open' | 'closed' | 'reset'
}

/** A server that sends any bytes. */
export interface RawServer {
  url: string
  close(): Promise<void>
}

/** Serves over plain TCP on loopback. The runtimes' own servers send no invalid heads. */
export async function serveRaw(answer: (request: RawRequest) => Promise<RawAnswer>): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    void serveOne(socket, answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function serveOne(socket: Socket, answer: (request: RawRequest) => Promise<RawAnswer>): Promise<void> {
  let held = Buffer.alloc(0)
  let wake = (): void => undefined
  socket.on('data', (piece: Buffer) => {
    held = Buffer.concat([held, piece])
    wake()
  })
  socket.on('close', () => wake())
  while (!socket.destroyed) {
    const read = takeRequest(held)
    if (read === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    held = Buffer.from(read.rest)
    const { bytes, ends } = await answer(read.request)
    if (socket.destroyed) return
    if (bytes.byteLength > 0) socket.write(bytes)
    if (ends === 'closed') return void socket.end()
    if (ends === 'reset') return void socket.resetAndDestroy()
  }
}

/** @returns undefined as long as the request has not arrived completely */
function takeRequest(held: Buffer): { request: RawRequest; rest: Buffer } | undefined {
  const end = held.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = held.subarray(0, end).toString('latin1').split('\r\n')
  const [method = '', target = ''] = first.split(' ')
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const after = held.subarray(end + 4)
  const body = headers.get('transfer-encoding')?.includes('chunked')
    ? takeChunks(after)
    : takeBytes(after, Number(headers.get('content-length') ?? 0))
  return body && { request: { method, target, headers, body: body.bytes }, rest: body.rest }
}

interface Taken {
  bytes: Buffer
  rest: Buffer
}

function takeBytes(held: Buffer, length: number): Taken | undefined {
  if (held.byteLength < length) return undefined
  return { bytes: held.subarray(0, length), rest: held.subarray(length) }
}

function takeChunks(held: Buffer): Taken | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = held.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(held.subarray(at, end).toString('latin1'), 16)
    const next = end + 2 + size + 2
    if (held.byteLength < next) return undefined
    if (size === 0) return { bytes: Buffer.concat(chunks), rest: held.subarray(next) }
    chunks.push(held.subarray(end + 2, end + 2 + size))
    at = next
  }
}
