import { defineScript, findImage, imageWord, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Remove a property of an image, and keep the others',
  connects: false,
  args: v.object({
    image: imageWord(),
    key: v.pipe(v.string(), v.nonEmpty(), v.description('Name of the property'), positional('key')),
  }),
  examples: ['hyperkit unset-property prod:ubuntu/noble release'],
  async run({ args: { image, key }, reach, change, signal }) {
    const { client, name } = await reach(image)
    const { fingerprint, properties, etag } = await findImage(client, name, { signal })
    if (!Object.hasOwn(properties, key))
      throw new UsageError(`image ${JSON.stringify(image)} has no property ${JSON.stringify(key)}`)
    const { [key]: _, ...kept } = properties
    await change(() => client.images.update(fingerprint, { properties: kept }, { signal, ifMatch: etag }))
  },
})

export default script
await runIfMain(import.meta, script)
