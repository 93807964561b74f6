// Tests your own code with recorded answers of real servers. The tapes were made with HYPERKIT_RECORD=tapes/incus.
//
//   bun test · deno test -A · node --test (Node 22.18 and later; earlier versions run only JavaScript)

import { deepEqual, equal, rejects } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createClient, isHyperkitError } from '@hyperkit/core'
import { replay } from '@hyperkit/embedded'

// The folder beside this file, also if it was compiled into dist.
const folder = existsSync(join(import.meta.dirname, 'tapes'))
  ? join(import.meta.dirname, 'tapes')
  : join(import.meta.dirname, '../tapes')

for (const [kind, version] of [
  ['incus', '6.0.4'],
  ['lxd', '5.0.2'],
] as const) {
  test(`an image is found by its alias, with the answers of ${kind} ${version}`, async () => {
    const server = await replay(join(folder, kind))
    const client = createClient({ transport: server })
    const about = await client.server()
    deepEqual([about.dialect.kind, about.version], [kind, version])
    const image = await client.images.getByAlias('taped/tiny')
    deepEqual([image.properties.os, image.public], ['tape', true])
    await rejects(client.images.getByAlias('taped/missing'), (error) => isHyperkitError(error, 'not-found'))
    equal(server.remaining().length, 0)
  })

  test(`a request that was not recorded on ${kind} is an error`, async () => {
    const client = createClient({ transport: await replay(join(folder, kind)) })
    await rejects(client.aliases.get('taped/other'), (error) => isHyperkitError(error, 'not-recorded'))
  })
}
