import { expect, test } from 'vitest'
import { createClient, isHyperkitError } from '../src/index.ts'
import { failure, json, lxdServer, operation, scriptedTransport, sync } from './scripted-transport.ts'

const server = { ...lxdServer, api_extensions: [...lxdServer.api_extensions, 'access_management'] }

test.each([
  ['an empty object', {}],
  ['null', null],
  ['permissions of another shape', { type: 'Client certificate', effective_permissions: ['admin'] }],
])(
  'an identity that the server answers as %s does not prove the right to see all images in use',
  async (_how, identity) => {
    const transport = scriptedTransport(({ path }) => {
      if (path.startsWith('/1.0/auth/')) return sync(identity)
      return sync(path === '/1.0' ? server : [])
    })
    const error = await createClient({ transport })
      .images.used()
      .catch((reason: unknown) => reason)
    expect(isHyperkitError(error, 'not-authorized')).toBe(true)
    expect(transport.said.map(({ path }) => path)).not.toContainEqual(
      expect.stringContaining('/1.0/instances'),
    )
  },
)

const fingerprint = 'f'.repeat(64)
const permission = (entitlement: string) => ({
  entity_type: 'project',
  url: '/1.0/projects/default',
  entitlement,
})
const maker = {
  type: 'Client certificate',
  fine_grained: true,
  effective_permissions: [permission('can_create_images')],
}
const unrestricted = { type: 'Client certificate (unrestricted)', fine_grained: false }

test.each([
  ['may not view images', () => sync(maker), fingerprint],
  [
    'views images',
    () =>
      sync({
        ...maker,
        effective_permissions: [permission('image_manager'), permission('image_alias_manager')],
      }),
    'not-found',
  ],
  ['is unrestricted', () => sync(unrestricted), 'not-found'],
  ['cannot be read', () => sync({}), 'not-authorized'],
  ['cannot be asked for', () => failure(500, 'no'), 'server-error'],
])(
  'an image that is "not found" after its upload counts as made only if the identity %s',
  async (_who, identity, outcome) => {
    const transport = scriptedTransport(({ method, path }) => {
      const done = operation('Success', 200, { metadata: { fingerprint } })
      if (method === 'POST')
        return json({ type: 'async', operation: `/1.0/operations/${done.id}`, metadata: done })
      if (path.startsWith('/1.0/operations/')) return sync(done)
      if (path.startsWith('/1.0/auth/')) return identity()
      if (path.startsWith('/1.0/projects/')) return sync({ config: { 'features.images': 'true' } })
      return path === '/1.0' ? sync(server) : failure(404, 'Image not found')
    })
    const client = createClient({ transport })
    const source = { kind: 'unified', open: () => new Response('x').body as ReadableStream } as const
    const ended = await client.images.upload(source, { fingerprint, filename: 'x' }).then(
      (image) => image.fingerprint,
      (error: unknown) => (isHyperkitError(error) ? error.code : error),
    )
    expect(ended).toBe(outcome)
  },
)
