import { describe, expect, test } from 'vitest'
import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { Change } from '../documents/plan.ts'
import { fingerprintToCome } from '../identity/fingerprint-to-come.ts'
import type { ReadServer } from '../observed/observed.ts'
import type { Origin } from '../sources/content.ts'
import { planChanges } from './plan-changes.ts'
import { planPruning } from './plan-pruning.ts'

const one = '1'.repeat(64)
const access = { remote: undefined, certificate: 'PEM', secret: 'feedface' }

function changesFor(origin: Origin, fingerprint = one, size: number | null = 10): Change[] {
  const image: DesiredImage = {
    names: ['a'],
    fingerprint,
    size,
    origin,
    aliases: [{ name: 'a', description: undefined }],
    public: undefined,
    properties: {},
    expiresAt: undefined,
  }
  const desired: Desired = {
    manifest: { file: 'images.yaml', name: 'base' },
    servers: [{ name: 'prod', images: [image], absent: [] }],
  }
  const [server] = planChanges(desired, [empty]).servers
  return server?.status === 'planned' ? server.changes : []
}

const empty: ReadServer = {
  status: 'read',
  name: 'prod',
  identity: 'prod',
  dialect: 'lxd',
  version: undefined,
  images: new Map(),
  aliases: new Map(),
}

describe('planCreation', () => {
  test('a missing image of another server is downloaded, and the plan has no secret', () => {
    const plan = changesFor({
      kind: 'remote',
      server: 'https://x:8443',
      protocol: 'incus',
      alias: 'up',
      project: null,
      type: null,
      access,
    })
    expect(plan[0]).toMatchObject({
      action: 'download-image',
      bytes: 10,
      from: { kind: 'remote', server: 'https://x:8443', protocol: 'incus', alias: 'up' },
    })
    expect(JSON.stringify(plan)).not.toMatch(/feedface|PEM/)
  })

  test('a missing image of a web server is downloaded from the address in the manifest', () => {
    const origin: Origin = { kind: 'url', url: 'https://x/page', file: 'https://x/file', insecure: false }
    expect(changesFor(origin, one, null)[0]).toMatchObject({
      action: 'download-image',
      bytes: null,
      from: { kind: 'url', url: 'https://x/page' },
    })
  })

  test('the address of a web server is planned without its query, which may give access', () => {
    const url = 'https://x/page?signature=feedface'
    const plan = changesFor({ kind: 'url', url, file: 'https://x/file?signature=feedface', insecure: false })
    expect(plan[0]).toMatchObject({ from: { kind: 'url', url: 'https://x/page' } })
    expect(JSON.stringify(plan)).not.toContain('feedface')
  })

  test('a missing image of a snapshot is published, and its aliases point at the fingerprint that is known after apply', () => {
    const promise = fingerprintToCome('prod', 'snapshot web1/a of 2026')
    const plan = changesFor(
      {
        kind: 'publish',
        instance: 'web1',
        snapshot: 'a',
        compression: null,
        format: null,
        mark: 'snapshot web1/a of 2026',
        again: false,
      },
      promise,
    )
    expect(plan).toMatchObject([
      { action: 'publish-image', fingerprint: promise, from: { instance: 'web1', snapshot: 'a' } },
      { action: 'create-alias', fingerprint: promise, after: { target: promise } },
    ])
    const [publish] = plan
    expect(publish?.action === 'publish-image' && publish.fields).toContainEqual({
      field: 'property',
      key: 'hyperkit.source',
      before: null,
      after: 'snapshot web1/a of 2026',
    })
  })

  test('a missing image without a source causes no change, and its aliases are left alone', () => {
    expect(changesFor({ kind: 'present' })).toEqual([])
  })
})

test('nothing is pruned or deleted if the source of an image cannot be read', () => {
  const desired: Desired = {
    manifest: { file: 'images.yaml', name: 'base' },
    servers: [
      {
        name: 'prod',
        images: [],
        absent: [{ name: 'old', aliases: ['old'] }],
        unresolved: [{ name: 'a', error: { code: 'unreachable', message: 'images.yaml:3:5: no answer' } }],
      },
    ],
    prune: { maxDelete: 5 },
  }
  const properties = { 'hyperkit.manifest': 'base', 'hyperkit.image': 'old' }
  const image = {
    fingerprint: one,
    size: 1,
    public: false,
    properties,
    expiresAt: undefined,
    aliases: ['old'],
    autoUpdate: false,
    profiles: [],
    etag: 'e',
    inUse: false,
  }
  const observed: ReadServer = {
    ...empty,
    images: new Map([[one, image]]),
    aliases: new Map([['old', { name: 'old', description: '', target: one, etag: 'e' }]]),
    versions: { status: 'read', images: [] },
  }
  const plan = planChanges(desired, [observed])
  expect(plan.servers).toMatchObject([
    { changes: [], problems: [{ image: 'a', error: { message: 'images.yaml:3:5: no answer' } }] },
  ])
  const pruned = planPruning(plan, desired, [observed], { now: new Date(0), alone: false })
  expect(pruned.servers).toMatchObject([{ notPruned: 'the source of image "a" could not be read' }])
})
