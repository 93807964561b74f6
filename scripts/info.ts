import type { Image } from '@hyperkit/core'
import {
  defineScript,
  describeLocations,
  findImage,
  imageRecord,
  imageWords,
  runIfMain,
} from '@hyperkit/script'
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
    const found = []
    for (const text of args.images) {
      const { source, name } = await reachSource(text)
      const image = await findImage(source, name, { signal, vm: args.vm })
      const locations = 'images' in source ? await describeLocations(source, image, { signal }) : undefined
      found.push({ record: imageRecord(image), text: describe(image, locations) })
    }
    const records = found.map(({ record }) => record)
    result(records.length === 1 ? records[0] : records, found.map(({ text }) => text).join('\n'))
  },
})

export default script
await runIfMain(import.meta, script)

/** Describes an image in the order and with the words of `incus image info`, and then where it is in a cluster. */
function describe(image: Image, locations: readonly string[] | undefined): string {
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
    ...(locations === undefined ? [] : ['Cluster members:', ...locations.map((line) => `    - ${line}`)]),
  ]
  return `${lines.join('\n')}\n`
}
