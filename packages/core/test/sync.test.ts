import { expect, expectTypeOf, test } from 'vitest'
import { createClient, type OperationHandle } from '../src/index.ts'
import { operation, scriptedTransport, sync } from './scripted-transport.ts'

const fingerprint = 'ab'.repeat(32)
const url = '/1.0/operations/11111111-2222-3333-4444-555555555555'

/** A server that begins to delete an image, and has ended when it is asked. */
function deletingServer() {
  return scriptedTransport((said) =>
    said.method === 'DELETE'
      ? Response.json({
          type: 'async',
          status_code: 100,
          operation: url,
          metadata: operation('Running', 103),
        })
      : sync(operation('Success', 200)),
  )
}

test('a call waits for the server’s work, unless it has sync: false', async () => {
  const { images } = createClient({ transport: deletingServer() })
  const nothing = await images.delete(fingerprint)
  expectTypeOf(nothing).toEqualTypeOf<void>()
  expect(nothing).toBeUndefined()
  const begun = await images.delete(fingerprint, { sync: false })
  expectTypeOf(begun).toEqualTypeOf<OperationHandle<void>>()
  expect(url).toContain(begun.id)
  expect(await begun.wait()).toBeUndefined()
})

test('a call of a client with autoSync: false gives the operation under way, unless it has sync: true', async () => {
  const client = createClient({ transport: deletingServer(), autoSync: false })
  const begun = await client.images.delete(fingerprint)
  expectTypeOf(begun).toEqualTypeOf<OperationHandle<void>>()
  expect(url).toContain(begun.id)
  const nothing = await client.project('web').images.delete(fingerprint, { sync: true })
  expectTypeOf(nothing).toEqualTypeOf<void>()
  expect(nothing).toBeUndefined()
})

test('a call whose sync is known only at run time may have either result, and its type says so', async () => {
  const { images } = createClient({ transport: deletingServer() })
  const either = await images.delete(fingerprint, { sync: fingerprint.length === 0 })
  expectTypeOf(either).toEqualTypeOf<void | OperationHandle<void>>()
  expect(either?.id).toBeDefined()
})
