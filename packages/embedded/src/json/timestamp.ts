import { Failure } from '../answer/failure.ts'

/** Go's zero time. */
export const zeroTime = '0001-01-01T00:00:00Z'
/** Unix time 0: what LXD stores for an upload without expiry. */
export const epochTime = '1970-01-01T00:00:00Z'

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/**
 * A timestamp as Go prints it after reading it: with its zone offset, and without trailing zeros in the fraction.
 *
 * @throws {Failure} 400 with the words of Go
 */
export function normalizeTimestamp(text: string): string {
  const match = rfc3339.exec(text)
  if (match === null || Number.isNaN(Date.parse(text))) {
    const layout = '2006-01-02T15:04:05Z07:00'
    throw new Failure(
      400,
      `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"`,
    )
  }
  const fraction = (match[2] ?? '').slice(0, 10).replace(/\.?0+$/, '')
  const zone = match[3] === '+00:00' ? 'Z' : match[3]
  return `${match[1]}${fraction}${zone}`
}

export function isZeroTime(text: string): boolean {
  return text === zeroTime
}

/** Seconds since 1970 as a timestamp in UTC. */
export function timestampOfSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

export function timestampNow(): string {
  return new Date().toISOString()
}
