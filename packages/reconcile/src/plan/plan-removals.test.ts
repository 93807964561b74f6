import { expect, test } from 'vitest'
import type { DesiredServer } from '../desired/desired.ts'
import type { ReadServer } from '../observed/observed.ts'
import { planRemovals } from './plan-removals.ts'

const owner = 'me'
const fingerprint = 'a'.repeat(64)
const desired: DesiredServer = {
  name: 'prod',
  images: [],
  absent: [{ name: 'old', aliases: ['old', 'older'] }],
}

/** A server that does not show whether its one image is in use. */
function hiding(names: string[], usageHidden?: string): ReadServer {
  const image = {
    fingerprint,
    size: 1000,
    public: false,
    expiresAt: undefined,
    autoUpdate: false,
    profiles: [],
    properties: { 'hyperkit.manifest': owner },
    aliases: names,
    etag: 'e',
    inUse: undefined,
  }
  const alias = (name: string) => ({ name, description: '', target: fingerprint, etag: 'e' })
  return {
    status: 'read',
    name: 'prod',
    identity: 'prod',
    dialect: 'lxd',
    version: '5.0.2',
    images: new Map([[fingerprint, image]]),
    aliases: new Map(['old', 'older'].map((name) => [name, alias(name)])),
    ...(usageHidden === undefined ? {} : { usageHidden }),
  }
}

test('a removal of several images is refused with one error if the server does not show whether they are in use', () => {
  const message =
    'Cannot remove image "old" from "prod": whether an instance, a snapshot or a profile uses it is unknown, because this client lacks the right'
  expect(planRemovals(desired, hiding(['old', 'older'], 'the right'), owner)).toEqual({
    changes: [],
    refused: [{ image: 'old', error: { code: 'not-authorized', message } }],
  })
})

test('a removal that keeps its image is planned even if the server does not show whether that is in use', () => {
  const { changes, refused } = planRemovals(desired, hiding(['old', 'older', 'theirs'], 'the right'), owner)
  expect(changes.map(({ action }) => action)).toEqual(['remove-alias', 'remove-alias'])
  expect(refused).toEqual([])
})
