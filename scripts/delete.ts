import { type Client, UsageHiddenError } from '@hyperkit/core'
import { messageOf, shortFingerprint } from '@hyperkit/core/parts'
import { defineScript, findImage, imageWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Delete images with their aliases',
  details:
    'An image that an instance, a snapshot or a profile uses is deleted too, as servers do, with a warning on stderr. The same\napplies to an image if the server does not show this client whether it is in use.',
  connects: false,
  args: v.object({
    images: imageWords(),
  }),
  examples: ['hyperkit delete old/alpine', 'hyperkit delete prod:3f2a9c edge:old/alpine --dry-run'],
  async run({ args, reach, change, log, signal }) {
    const found = []
    // All are found before the first one is deleted: a mistake in the last word must not cost the first image.
    for (const text of args.images) {
      const { client, name } = await reach(text)
      found.push({ client, image: await findImage(client, name, { signal }) })
    }
    const usage = new Map<Client, Usage>()
    for (const { client, image } of found) {
      const { used, unknown } = usage.get(client) ?? (await readUsage(client, signal))
      usage.set(client, { used, unknown })
      const which = `image ${shortFingerprint(image.fingerprint)} of "${client.name}"`
      if (used?.has(image.fingerprint))
        log(`Warning: ${which} is in use: an instance, a snapshot or a profile uses it`)
      if (unknown !== undefined) log(`Warning: it is unknown whether ${which} is in use: ${unknown}`)
      await change(() => client.images.delete(image.fingerprint, { signal }))
      log(`Deleted image ${image.fingerprint} of "${client.name}"`)
    }
  },
})

export default script
await runIfMain(import.meta, script)

interface Usage {
  used?: ReadonlySet<string> | undefined
  /** Why it is unknown. */
  unknown?: string | undefined
}

async function readUsage(client: Client, signal: AbortSignal): Promise<Usage> {
  try {
    return { used: await client.images.used({ signal }) }
  } catch (error) {
    if (error instanceof UsageHiddenError) return { unknown: `this client lacks ${error.missing}` }
    signal.throwIfAborted()
    return { unknown: messageOf(error) }
  }
}
