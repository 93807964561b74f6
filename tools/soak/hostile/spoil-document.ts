import type { Fault } from './faults.ts'

/** The faults of a JSON document. */
type DocumentFault = Extract<
  Fault,
  { kind: 'value' | 'missing key' | 'another key' | 'key twice' | 'document' | 'envelope' }
>

const mark = '@@here@@'

/** The text of a JSON document with a fault; text that is not JSON, or is nested too deeply, stays as it is. */
export function spoilDocument(text: string, fault: DocumentFault): string {
  if (fault.kind === 'document') return fault.json
  if (fault.kind === 'envelope')
    return `{"type":"sync","status":"Success","status_code":200,"metadata":${fault.json}}`
  const document = parse(text)
  if (document === undefined) return text
  const places = [...placesOf(document)]
  if (places.length === 0) return text
  const place = places[fault.node % places.length]
  if (place === undefined) return text
  const { parent, key } = place
  const before = JSON.stringify(parent[key])
  if (fault.kind === 'missing key') delete parent[key]
  else if (fault.kind === 'another key') {
    const value = parent[key]
    delete parent[key]
    Object.defineProperty(parent, fault.key, { value, enumerable: true, configurable: true })
  } else parent[key] = mark
  const spoiled = JSON.stringify(document)
  if (fault.kind === 'value') return spoiled.replace(JSON.stringify(mark), () => fault.json)
  if (fault.kind !== 'key twice') return spoiled
  const twice = Array.isArray(parent) ? fault.json : `${before},${JSON.stringify(key)}:${fault.json}`
  return spoiled.replace(JSON.stringify(mark), () => twice)
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    // Another fault may have nested it deeper than this runtime can write it again.
    JSON.stringify(value)
    return value
  } catch {
    return undefined
  }
}

interface Place {
  parent: Record<string, unknown>
  key: string
}

/** Every value below the document, those near its root first. */
function* placesOf(document: object): Generator<Place> {
  const waiting: object[] = [document]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const parent = next as Record<string, unknown>
    for (const [key, value] of Object.entries(parent)) {
      yield { parent, key }
      if (typeof value === 'object' && value !== null) waiting.push(value)
    }
  }
}
