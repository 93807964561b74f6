import { defineScript, findImage, imageRecord, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Show the record of images as YAML, as the API has it',
  connects: false,
  args: v.object({
    images: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('Alias, or beginning of a fingerprint'),
      positional('image', { completes: 'image' }),
    ),
    vm: v.optional(v.pipe(v.boolean(), v.description('Only an image of a virtual machine will do')), false),
  }),
  examples: ['hyperkit show alpine', 'hyperkit show prod:ubuntu/noble --json'],
  async run({ args, reach, records, signal }) {
    const images = []
    for (const text of args.images) {
      const { client, name } = await reach(text)
      images.push(imageRecord(await findImage(client, name, { signal, vm: args.vm })))
    }
    records(images)
  },
})

export default script
await runIfMain(import.meta, script)
