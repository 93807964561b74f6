import { defineScript, findImage, imageWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Have servers look whether the sources of images have newer versions, and take them',
  details:
    'The server replaces the image and moves its aliases; properties that were edited there are lost. A source that is gone\nlooks to a server as one without anything newer.',
  connects: false,
  args: v.object({
    images: imageWords(),
  }),
  examples: ['hyperkit refresh alpine/edge prod:ubuntu/noble'],
  async run({ args, reach, change, progress, result, signal }) {
    const refreshes = []
    for (const text of args.images) {
      const { client, name } = await reach(text)
      const { fingerprint } = await findImage(client, name, { signal })
      const done = await change(() =>
        progress(`Refresh ${text}`, () => client.images.refresh(fingerprint, { signal })),
      )
      if (done === undefined) continue
      const { refreshed, image, previous } = done
      refreshes.push({ image: text, refreshed, previous, fingerprint: image.fingerprint })
    }
    result(
      refreshes,
      refreshes
        .map(({ image, refreshed, fingerprint }) =>
          refreshed ? `${image}: is ${fingerprint} now` : `${image}: nothing newer`,
        )
        .join('\n'),
    )
  },
})

export default script
await runIfMain(import.meta, script)
