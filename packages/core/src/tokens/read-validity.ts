import { hexOf, readDer } from './der.ts'
import { readPem } from './read-pem.ts'

/** The fingerprint and the validity of a certificate. */
export interface Validity {
  /** SHA-256 of the DER, 64 hex. */
  fingerprint: string
  from: Date
  to: Date
}

/** Reads the validity of a certificate; undefined for any other text. */
export async function readValidity(pem: string): Promise<Validity | undefined> {
  const block = readPem(pem).find(({ label }) => label === 'CERTIFICATE')
  if (block === undefined) return undefined
  try {
    const [outer] = readDer(block.der)
    const [signed] = readDer(outer?.content ?? new Uint8Array())
    const fields = readDer(signed?.content ?? new Uint8Array())
    // RFC 5280, 4.1: version (optional), serial number, algorithm, issuer, validity.
    const validity = fields[fields[0]?.tag === 0xa0 ? 4 : 3]
    const [from, to] = readDer(validity?.content ?? new Uint8Array())
    if (from === undefined || to === undefined) return undefined
    const digest = await crypto.subtle.digest('SHA-256', block.der)
    return { fingerprint: hexOf(new Uint8Array(digest)), from: readTime(from), to: readTime(to) }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reads UTCTime (two digits for the year, up to 2049) or GeneralizedTime, both with seconds and `Z`. */
function readTime({ tag, content }: { tag: number; content: Uint8Array }): Date {
  const digits = new TextDecoder().decode(content)
  const text = tag === 0x17 ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits
  const date = new Date(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(date.getTime())) throw new RangeError('no time')
  return date
}
