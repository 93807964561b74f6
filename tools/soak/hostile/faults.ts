import fc from 'fast-check'
import { hostileJson, hostileText } from './hostile-values.ts'

/** One deviation of an answer from what a server sends. */
export type Fault =
  | { kind: 'status line'; line: string }
  | { kind: 'status'; status: number }
  | { kind: 'header'; name: string; value: string; isAdded: boolean }
  | { kind: 'no header'; name: string }
  /** Replaces a value of the document: the `node`th one, modulo their number. */
  | { kind: 'value'; node: number; json: string }
  | { kind: 'missing key'; node: number }
  | { kind: 'another key'; node: number; key: string }
  | { kind: 'key twice'; node: number; json: string }
  | { kind: 'document'; json: string }
  | { kind: 'envelope'; json: string }
  | { kind: 'body'; text: string }
  /** Changes a byte at a fraction of the body. */
  | { kind: 'changed byte'; at: number }
  | { kind: 'longer body'; text: string }
  | { kind: 'cut'; at: number; ends: 'closed' | 'reset' | 'kept open' }

const statusLines = [
  'HTTP/1.1 200 \u001b[31mOK',
  'HTTP/1.1 099 Odd',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 600 Odd',
  'HTTP/1.1 1000 Odd',
  'HTTP/1.1 -1 Odd',
  'HTTP/1.0 200 OK',
  'HTTP/2 200',
  'HTTP/1.1 200',
  'ICY 200 OK',
  'SSH-2.0-OpenSSH_9.2',
  '',
] as const

const statuses = [100, 103, 200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 409, 412, 416]
const worse = [429, 500, 501, 502, 503, 504, 511, 599]

const headerNames = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-range',
  'transfer-encoding',
  'connection',
  'date',
  'etag',
  'location',
  'retry-after',
  'set-cookie',
  'upgrade',
  'www-authenticate',
  'x-incus-oidc-issuer',
  'x-lxd-oidc-issuer',
  'incus-image-hash',
  'lxd-image-url',
] as const

const headerValues = [
  'application/json',
  'text/html',
  'multipart/form-data',
  'multipart/form-data; boundary=""',
  'multipart/form-data; boundary=a',
  'application/octet-stream',
  '-1',
  '0',
  '1',
  '99999999999999999999',
  '1, 2',
  'gzip',
  'br, zstd',
  'identity',
  'chunked',
  'gzip, chunked',
  'close',
  'attachment; filename="../../escaped"',
  'attachment; filename=/tmp/hyperkit-escaped',
  'bytes 5-1/2',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Fri, 31 Dec 9999 23:59:59 GMT',
  'http://127.0.0.1:1/',
  '/1.0',
  '//',
  'x'.repeat(5_000),
] as const

const node = fc.nat({ max: 400 })
/** Of every document the first values matter most. */
const nearNode = fc.oneof(fc.nat({ max: 12 }), node)
const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
const asHeader = (text: string): string => text.replace(/[\r\n\0]/g, ' ').slice(0, 5_000)

const headerFault = fc.record({
  kind: fc.constant('header' as const),
  name: fc.constantFrom(...headerNames),
  value: fc.oneof(fc.constantFrom(...headerValues), hostileText.map(asHeader)),
  isAdded: fc.boolean(),
})

/** Faults of answers, those that reach deepest into a client most often. */
export const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('value' as const), node: nearNode, json: hostileJson }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('missing key' as const), node: nearNode }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('another key' as const), node: nearNode, key: hostileText }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('key twice' as const), node: nearNode, json: hostileJson }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('document' as const), json: hostileJson }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('envelope' as const), json: hostileJson }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('body' as const),
      text: fc.oneof(
        hostileText,
        fc.constantFrom('<html><title>502</title>', '\ufeff{}', '--a\r\n\r\n', '--a--\r\n'),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      status: fc.constantFrom(...statuses, ...worse),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('status line' as const),
      line: fc.constantFrom(...statusLines),
    }),
  },
  { weight: 4, arbitrary: headerFault },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('no header' as const), name: fc.constantFrom(...headerNames) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('changed byte' as const), at: share }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('longer body' as const),
      text: fc.constantFrom('x', '\0'.repeat(9), '{}'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('cut' as const),
      at: share,
      ends: fc.constantFrom('closed' as const, 'closed' as const, 'reset' as const, 'kept open' as const),
    }),
  },
)
