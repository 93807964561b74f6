import { expect, test } from 'vitest'
import type { Creation, Plan } from '../documents/plan.ts'
import type { ImageSpace } from '../observed/image-space.ts'
import { renderPlan } from '../render/render-plan.ts'
import { fitImages } from './fit-images.ts'

const upload = (image: string, bytes: number, kind: 'unified' | 'split' = 'unified'): Creation => ({
  action: 'upload-image',
  image,
  fingerprint: image.repeat(64),
  bytes,
  files: kind === 'unified' ? { kind, file: '/a' } : { kind, metadata: '/m', rootfs: '/r' },
  fields: [],
})
const download = (image: string, bytes: number | null): Creation => ({
  action: 'download-image',
  image,
  fingerprint: image.repeat(64),
  bytes,
  from: { kind: 'url', url: 'https://a.example/' },
  fields: [],
})

function fit(changes: Creation[], space: ImageSpace, atOnce = 4) {
  const plan: Plan = {
    format: 'hyperkit-plan',
    version: 1,
    manifest: { file: 'images.yaml', name: 'base' },
    servers: [
      { status: 'planned', name: 'prod', dialect: 'incus', serverVersion: '6.0.4', changes, inSync: 0 },
    ],
  }
  const fitted = fitImages(plan, new Map([['prod', space]]), () => atOnce)
  const [server] = fitted.servers
  if (server?.status !== 'planned') throw new Error('the server is not planned')
  return { space: server.space, changes: server.changes, text: renderPlan(fitted) }
}

test('images that do not fit are named, in the order in which they come, and the others are not affected', () => {
  const seen: ImageSpace = { status: 'seen', pool: 'images', free: 250 }
  const fitted = fit([upload('a', 100), upload('b', 200), download('c', null), download('d', 150)], seen)
  expect(fitted.space).toEqual({
    bytesNeeded: 450,
    bytesFree: 250,
    pool: 'images',
    lacking: [
      {
        image: 'b',
        error: {
          code: 'no-space',
          message:
            'Cannot bring image "b" to "prod": it needs 200 bytes there, and its image store (pool "images") has less free when the images before it are stored; delete old versions with "prune", or enlarge it',
        },
      },
    ],
  })
  // They stay in the plan, so that a saved plan is not stale when the space changes.
  expect(fitted.changes).toHaveLength(4)
  expect(fitted.text).toContain('  ! image b: Cannot bring image "b" to "prod"')
  expect(fitted.text).toContain(
    '  ! the images do not fit: they need 450 bytes, and the image store in pool "images" has 250 bytes free\n',
  )
  expect(fitted.text).toContain('\n1 image does not fit; see above.\n')
})

test('what is said of an image that does not fit stays the same when the free space changes', () => {
  const messages = [40, 50].map(
    (free) => fit([upload('a', 100)], { status: 'seen', pool: 'images', free }).space,
  )
  expect(messages.map((space) => space?.bytesFree)).toEqual([40, 50])
  expect(messages[0]?.lacking).toEqual(messages[1]?.lacking)
})

test('a split image that is uploaded needs its bytes twice while it comes, and once afterwards', () => {
  const seen: ImageSpace = { status: 'seen', pool: 'images', free: 250 }
  expect(fit([upload('a', 100, 'split'), upload('b', 150)], seen, 1).space).toEqual({
    bytesNeeded: 250,
    bytesFree: 250,
    pool: 'images',
  })
  expect(fit([upload('a', 126, 'split')], seen).space?.lacking).toHaveLength(1)
})

test('images that come at once need the space for what each takes while it comes', () => {
  const split = ['a', 'b', 'c'].map((name) => upload(name, 100, 'split'))
  const needed = (atOnce: number, free: number) => {
    const { space } = fit(split, { status: 'seen', pool: 'images', free }, atOnce)
    return [space?.bytesNeeded, space?.lacking?.map(({ image }) => image)]
  }
  expect(needed(1, 400)).toEqual([400, undefined])
  expect(needed(2, 500)).toEqual([500, undefined])
  expect(needed(2, 499)).toEqual([500, ['c']])
  expect(needed(4, 600)).toEqual([600, undefined])
  expect(needed(4, 400)).toEqual([600, ['c']])
})

test('a pool that is only probably that of the images gives a warning, and what cannot be seen is said', () => {
  const likely: ImageSpace = { status: 'likely', pool: 'default', free: 50 }
  const doubtful = fit([upload('a', 100)], likely)
  expect(doubtful.space?.lacking).toBeUndefined()
  expect(doubtful.text).toContain(
    '  ! the images may not fit: they need 100 bytes, and pool "default" has 50 bytes free; the pool is probably on the same disk as the images\n',
  )
  expect(fit([upload('a', 50)], likely).text).not.toContain('may not fit')
  const hidden = fit([upload('a', 100)], { status: 'hidden', why: 'this client may not read it' })
  expect(hidden.space).toEqual({
    bytesNeeded: 100,
    bytesFree: null,
    pool: null,
    why: 'this client may not read it',
  })
  expect(hidden.text).toContain(
    'The free space for images on prod cannot be seen: this client may not read it.\n',
  )
})
