import { defineScript, findImage, imageWord, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Set a property of an image, and keep the others',
  connects: false,
  args: v.object({
    image: imageWord(),
    key: v.pipe(v.string(), v.nonEmpty(), v.description('Name of the property'), positional('key')),
    value: v.pipe(
      v.string(),
      v.nonEmpty('servers drop a property whose value is empty; use unset-property'),
      v.description('Its value'),
      positional('value'),
    ),
  }),
  examples: ['hyperkit set-property prod:ubuntu/noble release 24.04'],
  async run({ args: { image, key, value }, reach, change, signal }) {
    const { client, name } = await reach(image)
    const { fingerprint } = await findImage(client, name, { signal })
    await change(() => client.images.patch(fingerprint, { properties: { [key]: value } }, { signal }))
  },
})

export default script
await runIfMain(import.meta, script)
