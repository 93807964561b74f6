import { defineScript, findImage, imageWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Delete images, and with each its aliases',
  connects: false,
  args: v.object({
    images: imageWords(),
  }),
  examples: ['hyperkit delete old/alpine', 'hyperkit delete prod:3f2a9c edge:old/alpine --dry-run'],
  async run({ args, reach, change, log, signal }) {
    const found = []
    // All are found before the first one goes: a slip in the last word must not cost the first image.
    for (const text of args.images) {
      const { client, name } = await reach(text)
      found.push({ client, image: await findImage(client, name, { signal }) })
    }
    for (const { client, image } of found) {
      await change(() => client.images.delete(image.fingerprint, { signal }))
      log(`Deleted image ${image.fingerprint} of "${client.name}"`)
    }
  },
})

export default script
await runIfMain(import.meta, script)
