// Lists the images that no alias names and no instance was made from; with --yes they are deleted.
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

// `request` reaches all of the server's API, with its answer read and its errors thrown.
const { metadata } = await client.request({
  method: 'GET',
  path: '/1.0/instances',
  query: { recursion: '1', 'all-projects': 'true' },
})
const instances = metadata as { config: Record<string, string> }[]
const used = new Set(instances.map(({ config }) => config['volatile.base_image']))
// The listing is refused with `list-truncated` where the server may have left some out.
const unused = (await client.images.list()).filter(
  ({ fingerprint, aliases }) => aliases.length === 0 && !used.has(fingerprint),
)

for (const { fingerprint, size, uploadedAt } of unused) {
  console.log(`${fingerprint.slice(0, 12)}  ${size} bytes  since ${uploadedAt?.toISOString() ?? 'long ago'}`)
  if (values.yes) await client.images.delete(fingerprint)
}
console.log(values.yes ? `${unused.length} deleted` : `${unused.length} unused; --yes deletes them`)
client.close()
