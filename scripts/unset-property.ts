import { defineScript, findImage, imageWord, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Remove properties of an image, and keep the others',
  connects: false,
  args: v.object({
    image: imageWord(),
    keys: v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty())),
      v.minLength(1),
      v.description('Names of the properties'),
      positional('key'),
    ),
  }),
  examples: [
    'hyperkit unset-property prod:ubuntu/noble release',
    'hyperkit unset-property prod:ubuntu/noble release variant',
  ],
  async run({ args: { image, keys }, reach, change, signal }) {
    const { client, name } = await reach(image)
    const { fingerprint, properties, etag } = await findImage(client, name, { signal })
    // Nothing is removed if one of them does not exist.
    const absent = keys.find((key) => !Object.hasOwn(properties, key))
    if (absent !== undefined)
      throw new UsageError(
        `image ${JSON.stringify(image)} has no property ${JSON.stringify(absent)}; it has ${Object.keys(properties).sort().join(', ') || 'none'}`,
      )
    const kept = Object.fromEntries(Object.entries(properties).filter(([key]) => !keys.includes(key)))
    await change(() => client.images.update(fingerprint, { properties: kept }, { signal, ifMatch: etag }))
  },
})

export default script
await runIfMain(import.meta, script)
