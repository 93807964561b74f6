// Copies every image of one server to another, for example from LXD to Incus, with aliases, properties and expiry. Images that
// are already there are not sent again, so it can be run again after a failure.
//
//   bun migrate.ts lxc:old incus:new

import process from 'node:process'
import { connect } from '@hyperkit/connect'
import { copyImage, isHyperkitError } from '@hyperkit/core'

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) throw new Error('usage: migrate FROM TO')

const [source, target] = [await connect(from), await connect(to)]
const [{ kind }, images] = [(await target.server()).dialect, await source.images.list()]
let failed = 0

for (const { fingerprint, aliases } of images) {
  const name = aliases.map((alias) => alias.name).join(', ') || fingerprint.slice(0, 12)
  try {
    // The target downloads the image if it can reach the source; otherwise the source sends it, or it goes through this process.
    const { mode } = await copyImage(source, target, fingerprint, { copyAliases: true })
    console.log(`${name}: ${mode === 'none' ? 'was already there' : mode}`)
  } catch (error) {
    if (!isHyperkitError(error)) throw error
    console.error(error.message)
    failed++
  }
}

console.log(`${images.length - failed} of ${images.length} images are on ${target.name} (${kind})`)
if (failed > 0) process.exitCode = 1
for (const client of [source, target]) client.close()
