// Lists the images that no alias points at and no instance, snapshot or profile uses; with --yes they are deleted.
//
//   bun prune-unused.ts [remote] [--yes]

import { parseArgs } from 'node:util'
import { connect } from '@hyperkit/connect'

const { values, positionals } = parseArgs({
  options: { yes: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [remote] = positionals
const client = await connect(remote === undefined ? {} : { remote })

// Throws `list-truncated` if the server may have omitted some images.
const images = await client.images.list()
// This is read last, so that it includes instances that were created meanwhile.
// Throws `not-authorized` if the server may hide instances from this client, because no image is then known to be unused.
const used = await client.images.used()
const unused = images.filter(({ fingerprint, aliases }) => aliases.length === 0 && !used.has(fingerprint))

for (const { fingerprint, size, uploadedAt } of unused) {
  console.log(`${fingerprint.slice(0, 12)}  ${size} bytes  since ${uploadedAt?.toISOString() ?? 'long ago'}`)
  if (values.yes) await client.images.delete(fingerprint)
}
console.log(values.yes ? `${unused.length} deleted` : `${unused.length} unused; --yes deletes them`)
client.close()
