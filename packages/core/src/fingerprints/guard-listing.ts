import * as v from 'valibot'
import { TruncatedListError } from '../errors/errors.ts'
import { aliasesPath } from '../http/alias-path.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'

/**
 * Times a listing. Call the returned function with the number of items that arrived.
 *
 * Servers load a listing inside one database transaction with a time limit, skip what they cannot load in time, and answer 200 with
 * the rest: LXD 5.0.2 gave 4,100 of 6,554 images. So a listing that took nearly that long is refused, unless LXD's plain list, which
 * is one quick query up to 5.20, has as many items. LXD 5.0.2+git loads everything for the plain list too and cuts it in the same way
 * (T45), so a count that took as long proves nothing.
 */
export async function guardListing(
  connection: Connection,
  what: 'images' | 'aliases',
  options: CallOptions,
): Promise<(received: number) => Promise<void>> {
  const { dialect } = await connection.server(options)
  const started = performance.now()
  return async (received) => {
    const elapsed = Math.round(performance.now() - started)
    if (elapsed < 0.9 * dialect.listTimeLimit) return
    if (what === 'aliases' || dialect.kind === 'lxd') {
      const again = performance.now()
      const count = await countPlain(connection, what, options)
      if (count === received && performance.now() - again < 0.9 * dialect.listTimeLimit) return
    }
    throw new TruncatedListError(
      `Cannot list all ${what} of "${connection.name}": the server took ${elapsed} ms, close to its limit of ${dialect.listTimeLimit} ms, after which it silently leaves out the rest; it sent ${received}, and there may be more`,
      { server: connection.name, received, elapsed },
    )
  }
}

async function countPlain(
  connection: Connection,
  what: 'images' | 'aliases',
  options: CallOptions,
): Promise<number> {
  const { value } = await connection.read(v.nullish(v.array(v.string())), {
    method: 'GET',
    path: what === 'images' ? '/1.0/images' : aliasesPath,
    action: `count ${what}`,
    ...options,
  })
  return value?.length ?? 0
}
