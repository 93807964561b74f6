import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { Plan, UpdateAlias, UploadImage } from '../documents/plan.ts'
import type { RolloutReport } from '../documents/rollout.ts'
import type { RunReport } from '../documents/run-report.ts'
import { runReportSchema } from '../documents/run-report.ts'
import { buildReport } from './build-report.ts'
import { renderReportHtml } from './render-report-html.ts'
import { renderReportMarkdown } from './render-report-markdown.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]
const image = (names: string[], fingerprint: string): DesiredImage => ({
  names,
  fingerprint,
  size: 12_345_678,
  origin: { kind: 'files', files: { kind: 'unified', file: '/x' } },
  aliases: [],
  public: undefined,
  properties: {},
  expiresAt: undefined,
})
const nasty = '<img src=x onerror=alert(1)> | "b"'
const desired: Desired = {
  manifest: { file: 'images.yaml', name: 'base' },
  servers: [
    {
      name: 'prod',
      images: [image(['noble', 'lts'], one), image([nasty], two)],
      absent: [{ name: 'old', aliases: ['old'] }],
    },
    { name: 'edge', images: [image(['noble'], one)], absent: [] },
    { name: 'down', images: [image([nasty], two)], absent: [] },
  ],
}
const upload: UploadImage = {
  action: 'upload-image',
  image: 'noble',
  fingerprint: one,
  bytes: 12_345_678,
  files: { kind: 'unified', file: '/x' },
  fields: [{ field: 'public', before: null, after: true }],
}
const alias: UpdateAlias = {
  action: 'update-alias',
  image: 'noble',
  fingerprint: one,
  alias: 'noble',
  etag: 'e',
  before: { target: two, description: '' },
  after: { target: one, description: '' },
}
const planned = { status: 'planned', dialect: 'lxd', serverVersion: '5.0.2' } as const
const plan: Plan = {
  format: 'hyperkit-plan',
  version: 1,
  manifest: desired.manifest,
  servers: [
    { ...planned, name: 'prod', changes: [upload, alias], inSync: 1 },
    { ...planned, name: 'edge', changes: [], inSync: 1 },
    {
      status: 'unread',
      name: 'down',
      error: { code: 'unreachable', message: `Cannot reach "down": ${nasty}` },
    },
  ],
}
const outcome: ApplyReport = {
  format: 'hyperkit-apply',
  version: 1,
  manifest: desired.manifest,
  servers: [
    {
      name: 'prod',
      status: 'failed',
      results: [
        { change: upload, outcome: 'done' },
        {
          change: alias,
          outcome: 'failed',
          error: { code: 'precondition-failed', message: 'somebody changed it' },
        },
      ],
    },
    { name: 'edge', status: 'done', results: [] },
    { name: 'down', status: 'unread', error: { code: 'unreachable', message: 'no' }, results: [] },
  ],
}
const at = new Date('2027-01-02T03:04:05Z')
const report = (
  more: Partial<Pick<Parameters<typeof buildReport>[0], 'outcome' | 'left' | 'refusals'>> = {},
): RunReport =>
  buildReport({
    at,
    images: ['unwanted', 'noble', 'lts', nasty, 'old'],
    desired,
    plan,
    refusals: [],
    ...more,
  })
const cells = ({ servers }: RunReport): string[][] =>
  servers.map((server) => server.cells.map((cell) => `${cell.image.slice(0, 5)} ${cell.state}`))

describe('run reports', () => {
  test('the report of a plan says what is to be done for each image on each server, and why', () => {
    expect(v.is(runReportSchema, report())).toBe(true)
    expect(report()).toMatchObject({
      run: 'plan',
      at: '2027-01-02T03:04:05.000Z',
      images: ['noble', 'lts', nasty, 'old'],
      summary: {
        servers: 3,
        serversInSync: 1,
        serversUnread: 1,
        changes: 2,
        changesDone: 0,
        bytes: 12_345_678,
      },
    })
    // Two names of one content are one image, and share its state.
    expect(cells(report())).toEqual([
      ['noble planned', 'lts planned', '<img  in-sync', 'old absent'],
      ['noble in-sync'],
      ['<img  unknown'],
    ])
    expect(report().servers[0]?.changes.map(({ why }) => why)).toEqual([
      'the server has no image with this content',
      'it points at 222222222222, but the content of noble is 111111111111',
    ])
  })

  test('the report of a plan shows an image that does not fit as failed, with the reason', () => {
    const error = { code: 'no-space', message: 'it does not fit' }
    const space = { bytesNeeded: 9, bytesFree: 1, pool: 'images', lacking: [{ image: 'noble', error }] }
    const servers = [{ ...planned, name: 'prod', changes: [upload, alias], inSync: 1, space }]
    const unfit = buildReport({ at, images: [], desired, plan: { ...plan, servers }, refusals: [] })
    expect(cells(unfit)).toEqual([['noble failed', 'lts failed', '<img  in-sync', 'old absent']])
    expect(unfit.servers[0]).toMatchObject({ state: 'failed', error: 'it does not fit' })
  })

  test('the report of an apply says how each change ended', () => {
    const applied = report({ outcome })
    expect(v.is(runReportSchema, applied)).toBe(true)
    expect(applied).toMatchObject({ run: 'apply', summary: { changesDone: 1, changesNotDone: 1 } })
    expect(cells(applied)[0]?.slice(0, 2)).toEqual(['noble failed', 'lts failed'])
    expect(applied.servers[0]?.changes[1]).toMatchObject({ state: 'failed', error: 'somebody changed it' })
  })

  test('what a watch leaves to its next pass has not failed: the report says what it waits for', () => {
    const left = new Map([['prod', { changes: [alias], busy: ['edge'] }]])
    const found = report({ outcome, left })
    expect(v.is(runReportSchema, found)).toBe(true)
    expect(found).toMatchObject({
      summary: { changes: 2, changesDone: 1, changesNotDone: 0, changesWaiting: 1 },
      servers: [
        {
          state: 'waiting',
          error: null,
          changes: [
            { state: 'done', error: null },
            {
              state: 'waiting',
              error: 'waits for an earlier pass that still works on "edge", to copy from there',
            },
          ],
        },
        { state: 'in-sync' },
        { state: 'unknown' },
      ],
    })
    const markdown = renderReportMarkdown(found)
    expect(markdown).toContain('Not all done: 1 of 2 changes, 12.3 MB sent, 1 left to the next pass.')
    expect(markdown).toContain('`»` left to the next pass')
    expect(renderReportHtml(found)).toContain('<td class="waiting" title="left to the next pass">')
    expect(report({ outcome }).summary).not.toHaveProperty('changesWaiting')
  })

  test('a report in Markdown is a table and sections, in which names are escaped', () => {
    expect(renderReportMarkdown(report({ outcome }))).toMatchInlineSnapshot(`
      "# base: images of 3 servers

      **Not all done: 1 of 2 changes, 12.3 MB sent, 1 not done. 1 server could not be read.** Manifest images.yaml, 2027-01-02T03:04:05.000Z.

      |  | noble | lts | &lt;img src=x onerror=alert(1)> \\| "b" | old |
      | --- | :-: | :-: | :-: | :-: |
      | **prod** lxd 5.0.2 | ✗ | ✗ | = | ∅ |
      | **edge** lxd 5.0.2 | = |  |  |  |
      | **down** |  |  | ? |  |

      \`✗\` failed · \`=\` as the manifest says · \`∅\` absent, as the manifest says · \`?\` could not be read

      ## prod

      |  | Change | Why |
      | :-: | --- | --- |
      | ✓ | upload image noble 111111111111, 12.3 MB<br>public: true | the server has no image with this content |
      | ✗ | move alias noble 222222222222 -> 111111111111 | it points at 222222222222, but the content of noble is 111111111111<br>**somebody changed it** |

      ## down

      Cannot reach "down": &lt;img src=x onerror=alert(1)> \\| "b"
      "
    `)
  })

  test('a report says which wave of a rollout failed and why, and which were not begun', () => {
    const waves: RolloutReport['waves'] = [
      { wave: 1, servers: ['prod'], state: 'failed', error: { code: 'check-failed', message: nasty } },
      { wave: 2, servers: ['edge', 'down'], state: 'waiting' },
    ]
    const paused = report({
      outcome: { ...outcome, rollout: { paused: 1, waves } },
    })
    expect(v.is(runReportSchema, paused)).toBe(true)
    expect(renderReportMarkdown(paused)).toContain(
      '\n\n- Wave 1 (prod): failed: &lt;img src=x onerror=alert(1)> \\| "b"\n- Wave 2 (edge, down): not started\n\n',
    )
    expect(renderReportHtml(paused)).toContain('<p class="refusal">Wave 1 (prod): failed: &lt;img src=x')
    const inSync = {
      ...plan,
      rollout: {
        checked: false,
        pauseOnFailure: true,
        waves: [{ wave: 1, servers: ['prod'], state: 'changes' as const, waitsFor: null }],
      },
    }
    expect(buildReport({ at, images: [], desired, plan: inSync, refusals: [] }).waves).toEqual([
      { wave: 1, servers: ['prod'], state: 'planned', error: null },
    ])
  })

  test('a report as a page loads nothing, runs nothing, and shows names as text', () => {
    const page = renderReportHtml(report({ outcome, refusals: [nasty] }))
    expect(page).not.toMatch(/<(script|img|link|iframe|object)\b|url\(|@import|https?:|\son\w+="/i)
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; | &quot;b&quot;')
    expect(page.match(/<th scope="col">/g)).toHaveLength(5)
    expect(page.match(/<th scope="row">/g)).toHaveLength(3)
    expect(page).toContain('<td class="failed" title="noble on prod: failed">')
    expect(page).toContain('Refused: nothing was done. 1 server could not be read.')
    // Every element that is opened is closed, in order.
    const open: string[] = []
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (['meta', 'br'].includes(name)) continue
      if (slash === '/') expect(open.pop()).toBe(name)
      else open.push(name)
    }
    expect(open).toEqual([])
  })
})
