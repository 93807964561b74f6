import { answerJson } from './answer.ts'
import type { CatalogueImage } from './catalogue-image.ts'
import { createImageHash } from './hash-image.ts'
import { readPieces } from './read-pieces.ts'
import type { Settings } from './settings.ts'

interface Verdict {
  fingerprint: string
  /** SHA-256 of the bytes that the server sent, 64 hex characters. */
  actual: string
  intact: boolean
  /** Bytes read. */
  bytes: number
  /** ISO 8601. */
  checkedAt: string
}

/** Seconds for which a result is reused, because reading a whole image for every visitor could overload the server. */
const goodFor = 300
const atOnce = 2

const verdicts = new Map<string, Verdict>()
let underWay = 0

/** Reads the image's bytes from the server and compares their hash with the fingerprint; it sends none of them to the visitor. */
export async function verifyImage(
  settings: Settings,
  image: CatalogueImage,
  request: Request,
): Promise<Response> {
  const known = verdicts.get(image.fingerprint)
  if (known && Date.now() - Date.parse(known.checkedAt) < goodFor * 1000) return answerVerdict(known)
  if (underWay >= atOnce) {
    const headers = { 'retry-after': '30', 'cache-control': 'no-store' }
    return answerJson({ error: 'Other images are being verified; try again later' }, { status: 503, headers })
  }
  underWay++
  try {
    const verdict = await hashOnServer(settings, image, request.signal)
    if (verdicts.size > 1000) verdicts.clear()
    verdicts.set(image.fingerprint, verdict)
    return answerVerdict(verdict)
  } finally {
    underWay--
  }
}

async function hashOnServer(
  settings: Settings,
  { fingerprint }: CatalogueImage,
  signal: AbortSignal,
): Promise<Verdict> {
  const hash = createImageHash()
  let bytes = 0
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const piece of readPieces(body)) {
      bytes += piece.byteLength
      await hash.add(piece)
    }
  }
  const exported = await settings.client.images.export(fingerprint, { signal })
  if (exported.kind === 'unified') await read(exported.body)
  else for await (const part of exported.parts) await read(part.body)
  const actual = await hash.finish()
  return { fingerprint, actual, intact: actual === fingerprint, bytes, checkedAt: new Date().toISOString() }
}

function answerVerdict(verdict: Verdict): Response {
  return answerJson(verdict, { headers: { 'cache-control': `public, max-age=${goodFor}` } })
}
