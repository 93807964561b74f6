// Uploads an image file and points an alias at it. The alias is never missing meanwhile.
//
//   bun swap-alias.ts ./noble.tar.xz ubuntu/noble [remote]

import process from 'node:process'
import { connect } from '@hyperkit/connect'
import { uploadImage } from '@hyperkit/files'

const [file, alias, remote] = process.argv.slice(2)
if (file === undefined || alias === undefined) throw new Error('usage: swap-alias FILE ALIAS [REMOTE]')

const client = await connect(remote === undefined ? {} : { remote })
const before = await client.aliases.find(alias)

// Sends nothing if the server already has this content; otherwise the server verifies the hash.
const image = await uploadImage(client, file, {
  onProgress: ({ stage, percent }) =>
    console.error(stage, percent === undefined ? '' : `${Math.round(percent)} %`),
})
const { change } = await client.aliases.set(alias, { target: image.fingerprint })

console.log(
  `${alias} ${change}: ${before?.target.slice(0, 12) ?? 'nothing'} -> ${image.fingerprint.slice(0, 12)}`,
)
if (before !== undefined && before.target !== image.fingerprint) {
  console.log(`to undo this: client.aliases.set('${alias}', { target: '${before.target}' })`)
}
client.close()
