import { createHash } from 'node:crypto'
import type { Fault } from './faults.ts'
import type { RawAnswer, RawRequest } from './serve-raw.ts'
import { spoilAnswer } from './spoil-answer.ts'
import { spoilDocument } from './spoil-document.ts'

const event = {
  type: 'lifecycle',
  timestamp: '2026-11-30T00:00:00Z',
  location: 'none',
  project: 'default',
  metadata: { action: 'image-created', source: `/1.0/images/${'a'.repeat(64)}`, context: {}, requestor: {} },
}

/** The answer to a WebSocket handshake, and a few events, with these faults. */
export async function spoilEvents(request: RawRequest, faults: readonly Fault[]): Promise<RawAnswer> {
  const isHead = faults.some(({ kind }) => kind === 'status' || kind === 'status line')
  if (isHead) return spoilAnswer(new Response('{"type":"error","error_code":400}'), faults)
  const key = request.headers.get('sec-websocket-key') ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: Upgrade',
    `sec-websocket-accept: ${accept}`,
    ...faults.flatMap((fault) => (fault.kind === 'header' ? [`${fault.name}: ${fault.value}`] : [])),
  ]
  let text = JSON.stringify(event)
  for (const fault of faults)
    if ('node' in fault || fault.kind === 'document') text = spoilDocument(text, fault)
  for (const fault of faults) if (fault.kind === 'body' || fault.kind === 'longer body') text = fault.text
  const frames = Buffer.concat([frame(text), frame(JSON.stringify(event)), frame('', 8)])
  for (const fault of faults)
    if (fault.kind === 'changed byte') {
      const at = Math.min(frames.byteLength - 1, Math.floor(frames.byteLength * fault.at))
      frames[at] = (frames[at] ?? 0) ^ 0x5a
    }
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), frames])
  const cut = faults.find((fault) => fault.kind === 'cut')
  if (cut === undefined) return { bytes, ends: 'closed' }
  return {
    bytes: bytes.subarray(0, Math.floor(bytes.byteLength * cut.at)),
    ends: cut.ends === 'reset' ? 'reset' : 'closed',
  }
}

function frame(text: string, opcode = 1): Buffer {
  const payload = Buffer.from(text)
  const { byteLength } = payload
  const head = Buffer.alloc(byteLength < 126 ? 2 : byteLength < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  if (byteLength < 126) head[1] = byteLength
  else if (byteLength < 65_536) {
    head[1] = 126
    head.writeUInt16BE(byteLength, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(byteLength), 2)
  }
  return Buffer.concat([head, payload])
}
