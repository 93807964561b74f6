import { type Bar, factsOf, formatDuration, renderBars, widthOf } from '@hyperkit/terminal/text'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { UploadImage } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { labelTransfer } from './label-transfer.ts'
import { type Transfer, trackTransfers } from './track-transfers.ts'

const upload = (image = 'noble', bytes = 1000): UploadImage => ({
  action: 'upload-image',
  image,
  fingerprint: '1'.repeat(64),
  bytes,
  files: { kind: 'unified', file: '/x' },
  fields: [],
})
const moved = (
  change: UploadImage,
  progress: { bytes?: number; totalBytes?: number; percent?: number },
): ApplyEvent => ({
  kind: 'moved',
  server: 'prod',
  change,
  progress,
})

describe('trackTransfers', () => {
  test('a transfer has its percentage, its rate over the last seconds and the time that is left', () => {
    const transfers = trackTransfers()
    const change = upload()
    transfers.take({ kind: 'begun', server: 'prod', change }, 0)
    const at = (now: number): Transfer | undefined => transfers.find(moved(change, {}), now)
    expect(at(0)).toMatchObject({ bytes: 0, totalBytes: 1000, bytesPerSecond: undefined })
    transfers.take(moved(change, { bytes: 200, totalBytes: 2000 }), 1000)
    expect(at(1000)).toMatchObject({ percent: 10, bytesPerSecond: 200, secondsLeft: 9 })
    for (let second = 2; second <= 10; second++) transfers.take(moved(change, { bytes: 1000 }), second * 1000)
    // No bytes moved in the last seconds.
    expect(at(10_000)).toMatchObject({ percent: 50, bytesPerSecond: 0, secondsLeft: undefined })
    transfers.take({ kind: 'ended', server: 'prod', result: { change, outcome: 'done' } }, 11_000)
    expect(at(11_000)).toBeUndefined()
  })

  test('a transfer never goes backwards or beyond its total, whatever progress is reported', () => {
    const report = fc.record(
      {
        bytes: fc.nat(5000),
        totalBytes: fc.nat(3000),
        percent: fc.double({ min: -10, max: 200, noNaN: true }),
        wait: fc.nat(3000),
      },
      { requiredKeys: ['wait'] },
    )
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        const transfers = trackTransfers()
        const change = upload()
        transfers.take({ kind: 'begun', server: 'prod', change }, 0)
        let now = 0
        let [bytes, percent] = [0, 0]
        for (const { wait, ...progress } of reports) {
          now += wait
          transfers.take(moved(change, progress), now)
          const is = transfers.find(moved(change, {}), now)
          expect(is?.bytes).toBeGreaterThanOrEqual(bytes)
          expect(is?.bytes).toBeLessThanOrEqual(is?.totalBytes ?? 0)
          expect(is?.percent ?? 0).toBeGreaterThanOrEqual(percent)
          expect(is?.percent ?? 0).toBeLessThanOrEqual(100)
          expect(is?.bytesPerSecond ?? 0).toBeGreaterThanOrEqual(0)
          bytes = is?.bytes ?? 0
          percent = is?.percent ?? 0
        }
      }),
    )
  })
})

describe('progress bars', () => {
  const barsOf = (transfers: readonly Transfer[]): Bar[] =>
    transfers.map((transfer) => ({ ...transfer, label: labelTransfer(transfer.server, transfer.change) }))
  const transfer = (more: Partial<Transfer> = {}): Transfer => ({
    server: 'prod',
    change: upload(),
    bytes: 450,
    totalBytes: 1000,
    percent: 45.9,
    bytesPerSecond: 100,
    secondsLeft: 6,
    ...more,
  })

  test('progress bars show server, image, percentage, bytes, rate and remaining time, one below the other', () => {
    const bars = [
      transfer(),
      transfer({
        server: 'edge-1',
        change: upload('a/b'),
        bytes: 0,
        percent: undefined,
        bytesPerSecond: undefined,
        secondsLeft: undefined,
      }),
      transfer({ bytes: 1000, percent: 100 }),
    ]
    expect(renderBars(barsOf(bars), { columns: 90, rows: 24 })).toMatchInlineSnapshot(`
      [
        "prod: noble  [###########-------------]  45 %, 450 bytes of 1.0 kB, 100 bytes/s, 6 s left",
        "edge-1: a/b  [------------------------]  0 bytes of 1.0 kB",
        "prod: noble  [########################]  100 %, 1.0 kB of 1.0 kB, the server is working",
      ]
    `)
    expect(factsOf(transfer())).toBe('45 %, 450 bytes of 1.0 kB, 100 bytes/s, 6 s left')
    expect(factsOf(transfer({ bytes: 1000, percent: 100 }))).toBe(
      '100 %, 1.0 kB of 1.0 kB, the server is working',
    )
  })

  test('progress bars fit any terminal, and the ones that do not fit are counted', () => {
    const many = Array.from({ length: 50 }, (_, index) => transfer({ server: `サーバー-${index}` }))
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.integer({ min: 2, max: 60 }), (columns, rows) => {
        const lines = renderBars(barsOf(many), { columns, rows })
        expect(lines.length).toBeLessThan(rows)
        for (const line of lines) expect(widthOf(line)).toBeLessThan(columns)
      }),
    )
    expect(renderBars(barsOf(many), { columns: 80, rows: 5 }).at(-1)).toBe('and 47 more')
  })

  test.each([
    [5, '5 s'],
    [120, '2 min'],
    [125, '2 min 5 s'],
    [3780, '1 h 3 min'],
  ])('%i seconds are shown as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })
})
