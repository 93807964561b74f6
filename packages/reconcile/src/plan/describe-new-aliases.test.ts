import { expect, test } from 'vitest'
import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { describeNewAliases } from './describe-new-aliases.ts'

const fingerprint = '1'.repeat(64)
const image = (aliases: DesiredImage['aliases']): DesiredImage => ({
  names: ['x'],
  fingerprint,
  size: 1,
  origin: { kind: 'copy', server: 's', depth: 0 },
  aliases,
  public: undefined,
  properties: {},
  expiresAt: undefined,
})

test('a new alias gets the description of the other server without its mark, and an existing alias keeps its own', () => {
  const undescribed = ['new', 'old', 'other'].map((name) => ({ name, description: undefined }))
  const desired: Desired = {
    manifest: { file: 'f', name: 'me' },
    servers: [
      {
        name: 'prod',
        images: [image([...undescribed, { name: 'said', description: 'by the manifest' }])],
        absent: [],
      },
      { name: 'down', images: [image(undescribed)], absent: [] },
    ],
  }
  const observed: ObservedServer[] = [
    {
      status: 'read',
      name: 'prod',
      identity: 'i',
      dialect: 'lxd',
      version: '5',
      images: new Map(),
      aliases: new Map([['old', { name: 'old', description: 'mine', target: fingerprint, etag: undefined }]]),
    },
    { status: 'unread', name: 'down', error: { code: 'unreachable', message: 'gone' } },
  ]
  const there = ['new', 'old', 'said'].map((alias) => ({ alias, description: `${alias} [hyperkit: me]` }))
  const [prod, down] = describeNewAliases(desired, observed, there).servers
  expect(prod?.images[0]?.aliases).toEqual([
    { name: 'new', description: 'new' },
    { name: 'old', description: undefined },
    { name: 'other', description: undefined },
    { name: 'said', description: 'by the manifest' },
  ])
  expect(down?.images[0]?.aliases).toEqual(undescribed)
})
