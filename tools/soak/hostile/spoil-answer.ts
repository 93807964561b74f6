import type { Fault } from './faults.ts'
import type { RawAnswer } from './serve-raw.ts'
import { spoilDocument } from './spoil-document.ts'

/** An answer in parts. */
interface Parts {
  line: string
  headers: [name: string, value: string][]
  body: Buffer
  /** Whether `content-length` is computed from the body. */
  isMeasured: boolean
  cut: Extract<Fault, { kind: 'cut' }> | undefined
}

/** The bytes of an answer with these faults. */
export async function spoilAnswer(answer: Response, faults: readonly Fault[]): Promise<RawAnswer> {
  const named = [...answer.headers].filter(([name]) => !/^(content-length|connection)$/.test(name))
  let parts: Parts = {
    line: `HTTP/1.1 ${answer.status} ${answer.statusText || 'Status'}`,
    headers: named,
    body: Buffer.from(await answer.arrayBuffer()),
    isMeasured: true,
    cut: undefined,
  }
  for (const fault of faults) parts = spoil(parts, fault)
  const { line, headers, body, isMeasured, cut } = parts
  const length = isMeasured ? [['content-length', String(body.byteLength)]] : []
  const head = [line, ...[...headers, ...length].map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body])
  if (cut === undefined) return { bytes, ends: isMeasured ? 'kept open' : 'closed' }
  return { bytes: bytes.subarray(0, Math.floor(bytes.byteLength * cut.at)), ends: cut.ends }
}

function spoil(parts: Parts, fault: Fault): Parts {
  switch (fault.kind) {
    case 'status line':
      return { ...parts, line: fault.line }
    case 'status':
      return { ...parts, line: `HTTP/1.1 ${fault.status} Status` }
    case 'header':
      return withHeader(parts, fault)
    case 'no header':
      return {
        ...parts,
        headers: parts.headers.filter(([name]) => name !== fault.name),
        isMeasured: parts.isMeasured && fault.name !== 'content-length',
      }
    case 'body':
      return { ...parts, body: Buffer.from(fault.text) }
    case 'longer body':
      return { ...parts, body: Buffer.concat([parts.body, Buffer.from(fault.text)]) }
    case 'changed byte':
      return { ...parts, body: changeByte(parts.body, fault.at) }
    case 'cut':
      return { ...parts, cut: fault }
    default:
      return { ...parts, body: Buffer.from(spoilDocument(parts.body.toString(), fault)) }
  }
}

function withHeader(parts: Parts, { name, value, isAdded }: Extract<Fault, { kind: 'header' }>): Parts {
  const others = isAdded ? parts.headers : parts.headers.filter(([each]) => each !== name)
  const isLength = name === 'content-length' || name === 'transfer-encoding'
  return {
    ...parts,
    headers: [...others, [name, Buffer.from(value).toString('latin1')]],
    isMeasured: parts.isMeasured && (isAdded || !isLength),
  }
}

function changeByte(body: Buffer, at: number): Buffer {
  const changed = Buffer.from(body)
  const index = Math.min(changed.byteLength - 1, Math.floor(changed.byteLength * at))
  if (index >= 0) changed[index] = (changed[index] ?? 0) ^ 0x5a
  return changed
}
