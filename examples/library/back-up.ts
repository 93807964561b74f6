// Saves every image of a server, verified against its fingerprint, and an index with their aliases. Files that are already
// there are not downloaded again, and interrupted downloads are resumed, so it can be run repeatedly.
//
//   bun back-up.ts ./backup [remote]

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { connect } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'
import { saveImage } from '@hyperkit/files'

const [folder, remote] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: back-up DIRECTORY [REMOTE]')

await mkdir(folder, { recursive: true })
const client = await connect(remote === undefined ? {} : { remote })
const images = await client.images.list()
const failures: string[] = []

for (const image of images) {
  const name = image.aliases[0]?.name ?? image.fingerprint.slice(0, 12)
  try {
    const { received } = await saveImage(client, image.fingerprint, folder)
    console.log(`${name}: ${received === 0 ? 'exists already' : `${received} bytes`}`)
  } catch (error) {
    if (!isHyperkitError(error)) throw error
    failures.push(error.message)
  }
}

const index = images.map(({ fingerprint, aliases, properties, public: isPublic }) => ({
  fingerprint,
  aliases,
  properties,
  public: isPublic,
}))
await writeFile(join(folder, 'index.json'), `${JSON.stringify(index, undefined, 2)}\n`)
for (const failure of failures) console.error(failure)
console.log(`${images.length - failures.length} of ${images.length} images are in ${folder}`)
if (failures.length > 0) process.exitCode = 1
client.close()
