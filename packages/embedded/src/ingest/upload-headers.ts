import type { Dialect } from '../dialect/dialect.ts'

/** The attributes in the headers of an upload; headers with the other dialect's prefix are ignored (T16). */
export interface UploadHeaders {
  fingerprint: string
  filename: string
  public: boolean
  /** `undefined` if the header is absent. */
  properties: Record<string, string> | undefined
  aliases: string[]
  /** `undefined` if the header is absent. */
  profiles: string[] | undefined
  secret: string
}

export function readUploadHeaders(headers: Headers, dialect: Dialect): UploadHeaders {
  const read = (name: string): string | undefined => {
    const value = headers.get(`${dialect.headerPrefix}${name}`)
    // Every runtime decodes header bytes beyond ASCII as Latin-1; the daemons read them as UTF-8.
    return value === null ? undefined : Buffer.from(value, 'latin1').toString('utf8')
  }
  const properties = read('properties')
  return {
    fingerprint: read('fingerprint') ?? '',
    filename: read('filename') ?? '',
    public: /^(1|true|yes|on)$/i.test(read('public') ?? ''),
    properties: properties === undefined ? undefined : readProperties(properties),
    aliases: readNames(read('aliases'), 'alias', dialect.aliasHeader) ?? [],
    profiles: readNames(read('profiles'), 'profile', dialect.profileHeader),
    secret: read('secret') ?? '',
  }
}

/** `alias=a&alias=b`, or one name as plain text. */
function readNames(
  text: string | undefined,
  key: string,
  how: 'ignored' | 'query' | 'query-or-plain',
): string[] | undefined {
  if (text === undefined || text === '' || how === 'ignored') return undefined
  const names = new URLSearchParams(text).getAll(key)
  return names.length === 0 && how === 'query-or-plain' ? [text] : names
}

/** Query-string encoding; segments that Go's parser refuses are dropped. A repeated header arrives joined by ", ". */
function readProperties(text: string): Record<string, string> {
  const kept = text
    .split(/, (?=[^&=]*=)/)
    .flatMap((part) => part.split('&'))
    .filter((segment) => !segment.includes(';') && !/%(?![0-9a-f]{2})/i.test(segment))
  return Object.fromEntries(new URLSearchParams(kept.join('&')))
}
