import { expect, test } from 'vitest'
import { createClient, isHyperkitError } from '../src/index.ts'
import { lxdServer, scriptedTransport, sync } from './scripted-transport.ts'

const server = { ...lxdServer, api_extensions: [...lxdServer.api_extensions, 'access_management'] }

test.each([
  ['an empty object', {}],
  ['null', null],
  ['permissions of another shape', { type: 'Client certificate', effective_permissions: ['admin'] }],
])('an identity answered as %s proves no right to see what is in use', async (_how, identity) => {
  const transport = scriptedTransport(({ path }) => {
    if (path.startsWith('/1.0/auth/')) return sync(identity)
    return sync(path === '/1.0' ? server : [])
  })
  const error = await createClient({ transport })
    .images.used()
    .catch((reason: unknown) => reason)
  expect(isHyperkitError(error, 'not-authorized')).toBe(true)
  expect(transport.said.map(({ path }) => path)).not.toContainEqual(expect.stringContaining('/1.0/instances'))
})
