import { defineScript, findImage, imageRecord, imageWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Show the API records of images as YAML',
  connects: false,
  args: v.object({
    images: imageWords(),
    vm: v.optional(v.pipe(v.boolean(), v.description('Take only an image of a virtual machine')), false),
  }),
  examples: ['hyperkit show alpine', 'hyperkit show prod:ubuntu/noble images:alpine/edge --json'],
  async run({ args, reachSource, records, signal }) {
    const images = []
    for (const text of args.images) {
      const { source, name } = await reachSource(text)
      images.push(imageRecord(await findImage(source, name, { signal, vm: args.vm })))
    }
    records(images)
  },
})

export default script
await runIfMain(import.meta, script)
