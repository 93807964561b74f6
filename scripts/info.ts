import type { Image } from '@hyperkit/core'
import { defineScript, findImage, imageRecord, imageWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Show images as text for people',
  connects: false,
  args: v.object({
    images: imageWords(),
    vm: v.optional(v.pipe(v.boolean(), v.description('Take only an image of a virtual machine')), false),
  }),
  examples: ['hyperkit info alpine'],
  async run({ args, reachSource, result, signal }) {
    const images = []
    for (const text of args.images) {
      const { source, name } = await reachSource(text)
      images.push(await findImage(source, name, { signal, vm: args.vm }))
    }
    const records = images.map(imageRecord)
    result(records.length === 1 ? records[0] : records, images.map(describe).join('\n'))
  },
})

export default script
await runIfMain(import.meta, script)

/** Describes an image in the order and with the words of `incus image info`. */
function describe(image: Image): string {
  const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no')
  const date = (value: Date | undefined, absent: string): string =>
    value === undefined ? absent : `${value.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const source = image.updateSource
  const lines = [
    `Fingerprint: ${image.fingerprint}`,
    `Size: ${(image.size / 1024 / 1024).toFixed(2)}MiB`,
    `Architecture: ${image.architecture}`,
    `Type: ${image.type}`,
    `Public: ${yesOrNo(image.public)}`,
    'Timestamps:',
    ...(image.createdAt === undefined ? [] : [`    Created: ${date(image.createdAt, '')}`]),
    `    Uploaded: ${date(image.uploadedAt, 'unknown')}`,
    `    Expires: ${date(image.expiresAt, 'never')}`,
    `    Last used: ${date(image.lastUsedAt, 'never')}`,
    'Properties:',
    ...Object.entries(image.properties).map(([key, value]) => `    ${key}: ${value}`),
    'Aliases:',
    ...image.aliases.map(
      ({ name, description }) => `    - ${name}${description === '' ? '' : ` (${description})`}`,
    ),
    `Cached: ${yesOrNo(image.cached)}`,
    `Auto update: ${image.autoUpdate ? 'enabled' : 'disabled'}`,
    ...(source === undefined
      ? []
      : [
          'Source:',
          `    Server: ${source.server}`,
          `    Protocol: ${source.protocol}`,
          `    Alias: ${source.alias}`,
        ]),
    'Profiles:',
    ...(image.profiles.length === 0 ? [' []'] : image.profiles.map((name) => `    - ${name}`)),
  ]
  return `${lines.join('\n')}\n`
}
