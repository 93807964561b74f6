import { defineScript, findImage, imageWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Make servers look for newer versions of images at their sources, and use them',
  details:
    'The server replaces the image and moves its aliases; properties that were edited there are lost. Servers do not report a source\nthat no longer exists: it looks like one without a newer version.',
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
          refreshed ? `${image}: is ${fingerprint} now` : `${image}: no newer version`,
        )
        .join('\n'),
    )
  },
})

export default script
await runIfMain(import.meta, script)
