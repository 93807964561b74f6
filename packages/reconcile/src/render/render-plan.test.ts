import { formatBytes, plain } from '@hyperkit/terminal/text'
import { expect, test } from 'vitest'
import type { Plan, ServerPlan } from '../documents/plan.ts'
import { describePlan } from './describe-plan.ts'
import { renderPlan } from './render-plan.ts'

const one = '1'.repeat(64)
const two = '2'.repeat(64)
const planOf = (...servers: ServerPlan[]): Plan => ({
  format: 'hyperkit-plan',
  version: 1,
  manifest: { file: 'images.yaml', name: 'base' },
  servers,
})
const server = { status: 'planned', dialect: 'lxd', serverVersion: '5.0.2', inSync: 0 } as const
const full = planOf(
  {
    ...server,
    name: 'prod',
    changes: [
      {
        action: 'upload-image',
        image: 'ubuntu/noble',
        fingerprint: two,
        bytes: 12_345_678,
        files: { kind: 'unified', file: '/noble.tar.xz' },
        fields: [
          { field: 'public', before: null, after: true },
          { field: 'property', key: 'os', before: null, after: 'ubuntu' },
        ],
      },
      {
        action: 'create-alias',
        image: 'ubuntu/noble',
        fingerprint: two,
        alias: 'ubuntu/24.04',
        after: { target: two, description: 'The LTS' },
      },
      {
        action: 'update-alias',
        image: 'ubuntu/noble',
        fingerprint: two,
        alias: 'ubuntu/noble',
        etag: 'e',
        before: { target: one, description: '' },
        after: { target: two, description: '' },
      },
      {
        action: 'update-image',
        image: 'alpine',
        fingerprint: one,
        etag: 'e',
        fields: [
          { field: 'public', before: true, after: false },
          { field: 'expiresAt', before: null, after: '2027-01-01T00:00:00.000Z' },
          { field: 'property', key: 'os name', before: 'a', after: 'b' },
          { field: 'property', key: 'gone', before: 'a\u001b[2J', after: null },
        ],
      },
      {
        action: 'delete-image',
        image: 'old',
        fingerprint: one,
        bytes: 999,
        aliases: ['old', 'odd name'],
        owner: 'base',
      },
    ],
  },
  { status: 'unread', name: 'edge1', error: { code: 'unreachable', message: 'Cannot reach "edge1"' } },
  { ...server, name: 'calm', changes: [], inSync: 3 },
)

test('every attribute of an image is shown before and after, and values that are not known yet are marked', () => {
  const of = { image: 'a', fingerprint: one }
  const bare = planOf({
    ...server,
    name: 'prod',
    changes: [
      {
        action: 'upload-image',
        ...of,
        bytes: 1,
        files: { kind: 'unified', file: '/a' },
        fields: [
          { field: 'autoUpdate', before: null, after: true },
          { field: 'profiles', before: null, after: ['default', 'odd name'] },
          { field: 'filename', before: null, after: 'x\u001b.tar' },
          { field: 'otherProperties', before: null, after: null },
        ],
      },
      {
        action: 'update-image',
        ...of,
        etag: null,
        fields: [
          { field: 'autoUpdate', before: true, after: false },
          { field: 'profiles', before: ['default'], after: [] },
        ],
      },
    ],
  })
  expect(renderPlan(bare, plain).split('\n').slice(1, 9)).toEqual([
    '  + upload image a  111111111111, 1 byte',
    '      + autoUpdate        true',
    '      + profiles          default, "odd name"',
    '      + filename          "x\\u001b.tar"',
    '      - other properties  none; those that the source brings are known after apply',
    '  ~ update image a  111111111111',
    '      ~ autoUpdate  true -> false',
    '      ~ profiles    default -> none',
  ])
})

test('a plan is grouped by server, with each field before and after, and a summary', () => {
  expect(renderPlan(full, plain)).toMatchInlineSnapshot(`
    "prod (lxd 5.0.2): 12.3 MB to send
      + upload image ubuntu/noble  222222222222, 12.3 MB
          + public       true
          + property os  "ubuntu"
      + create alias ubuntu/24.04  -> 222222222222
          + description  "The LTS"
      ~ move alias ubuntu/noble    111111111111 -> 222222222222
      ~ update image alpine        111111111111
          ~ public              true -> false
          + expiresAt           2027-01-01T00:00:00.000Z
          ~ property "os name"  "a" -> "b"
          - property gone       "a\\u001b[2J" -> none
      - delete image old           111111111111, 999 bytes, with alias old, alias "odd name"

    edge1
      ! not read: Cannot reach "edge1"

    Plan: 1 image to upload (12.3 MB), 1 to update, 1 to delete, 1 alias to create, 1 to move, 2 to remove
    1 server cannot be read; nothing is planned there.
    "
  `)
})

test('a plan without changes says so', () => {
  const calm = { ...server, name: 'calm', changes: [], inSync: 3 }
  const text = (...servers: ServerPlan[]) => renderPlan(planOf(...servers), plain)
  expect(text(calm)).toBe('No changes. 3 images on 1 server are as "images.yaml" says.\n')
  expect(text({ ...calm, inSync: 1 }, { ...calm, inSync: 1 })).toBe(
    'No changes. 1 image on 2 servers is as "images.yaml" says.\n',
  )
  expect(text(calm, { ...calm, inSync: 1 })).toBe('No changes. 2 servers are as "images.yaml" says.\n')
  expect(text()).toBe('No changes. The manifest names no images.\n')
})

test('tones mark additions, changes and removals without changing the text', () => {
  const marked = renderPlan(full, (tone, text) => `<${tone}>${text}</>`)
  expect(marked).toContain('<add>+ upload image ubuntu/noble')
  expect(marked).toContain('<change>~ move alias ubuntu/noble')
  expect(marked).toContain('<remove>- delete image old')
  expect(marked.replaceAll(/<\/?[a-z]*>/g, '')).toBe(renderPlan(full, plain))
})

test('the JSON document is the plan with a version and a summary', () => {
  const { summary, ...plan } = JSON.parse(JSON.stringify(describePlan(full)))
  const [prod, ...others] = full.servers
  expect(plan).toEqual({
    ...full,
    servers: [
      { ...prod, bytesToUpload: 12_345_678, bytesToFetch: 0 },
      others[0],
      { ...others[1], bytesToUpload: 0, bytesToFetch: 0 },
    ],
  })
  expect(Object.keys(JSON.parse(JSON.stringify(describePlan(full))))).toEqual([
    'format',
    'version',
    'manifest',
    'summary',
    'servers',
  ])
  expect(summary).toEqual({
    imagesToUpload: 1,
    bytesToUpload: 12_345_678,
    imagesToDownload: 0,
    imagesToCopy: 0,
    bytesToFetch: 0,
    imagesToPublish: 0,
    imagesToUpdate: 1,
    imagesToDelete: 1,
    aliasesToCreate: 1,
    aliasesToMove: 1,
    aliasesToDescribe: 0,
    aliasesToRemove: 2,
    imagesUnresolved: 0,
    serversUnread: 1,
  })
})

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [999_940, '999.9 kB'],
  [999_960, '1.0 MB'],
  [12_345_678, '12.3 MB'],
  [5e12, '5.0 TB'],
])('%i bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('servers with the same changes are grouped, with the bytes for each and in all', () => {
  const upload = (bytes: number): ServerPlan => ({
    ...server,
    name: `s${bytes}`,
    changes: [
      {
        action: 'upload-image',
        image: 'a',
        fingerprint: one,
        bytes,
        files: { kind: 'unified', file: '/a' },
        fields: [],
      },
    ],
  })
  const many = Array.from({ length: 20 }, (_, index) => ({
    ...upload(3000),
    name: `server-${index}`,
    dialect: 'incus',
  }))
  const update = (name: string, etag: string): ServerPlan => ({
    ...server,
    name,
    changes: [
      {
        action: 'update-image',
        image: 'a',
        fingerprint: one,
        etag,
        fields: [{ field: 'public', before: true, after: false }],
      },
    ],
  })
  const text = renderPlan(
    planOf(upload(3000), upload(4000), ...many, update('x', '1'), update('y', '2')),
    plain,
  )
  expect(text).toMatchInlineSnapshot(`
    "s3000, server-0, server-1, server-2, server-3, server-4, server-5, server-6,
    server-7, server-8, server-9, server-10, server-11, server-12, server-13,
    server-14, server-15, server-16, server-17, server-18, server-19 (lxd 5.0.2, incus 5.0.2): 3.0 kB to send to each, 63.0 kB in all
      + upload image a  111111111111, 3.0 kB

    s4000 (lxd 5.0.2): 4.0 kB to send
      + upload image a  111111111111, 4.0 kB

    x, y (lxd 5.0.2)
      ~ update image a  111111111111
          ~ public  true -> false

    Plan: 22 images to upload (67.0 kB), 2 to update, 0 aliases to create, 0 to move, 0 to remove
    "
  `)
})

test('a plan of servers that could not be read does not say that there is nothing to do', () => {
  const unread = {
    status: 'unread',
    name: 'edge1',
    error: { code: 'unreachable', message: 'Cannot reach "edge1"' },
  } as const
  expect(renderPlan(planOf(unread), plain)).toBe(
    'edge1\n  ! not read: Cannot reach "edge1"\n\n1 server cannot be read; nothing is planned there.\n',
  )
})
