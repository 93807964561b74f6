import { defineScript, findImage, imageWord, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Print a property of an image',
  connects: false,
  args: v.object({
    image: imageWord(),
    key: v.pipe(v.string(), v.nonEmpty(), v.description('Name of the property'), positional('key')),
  }),
  examples: ['hyperkit get-property prod:ubuntu/noble release'],
  async run({ args: { image, key }, reach, result, signal }) {
    const { client, name } = await reach(image)
    const { properties } = await findImage(client, name, { signal })
    // incus and lxc print an empty line for a property that does not exist.
    const value = Object.hasOwn(properties, key) ? (properties[key] ?? null) : null
    result(value, `${value ?? ''}\n`)
  },
})

export default script
await runIfMain(import.meta, script)
