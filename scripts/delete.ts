import { type Client, HyperkitError, type Image, UsageHiddenError } from '@hyperkit/core'
import { deleteUnderLock, isLockAlias, messageOf, shortFingerprint } from '@hyperkit/core/parts'
import { defineScript, findImage, imageWords, runIfMain, type ScriptTools } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Delete images with their aliases',
  details:
    'An image that an instance, a snapshot or a profile uses is deleted too, as servers do, with a warning on stderr. The same\napplies to an image if the server does not show this client whether it is in use. An image to which another run gives an alias at\nthat moment is kept.',
  connects: false,
  args: v.object({
    images: imageWords(),
  }),
  examples: ['hyperkit delete old/alpine', 'hyperkit delete prod:3f2a9c edge:old/alpine --dry-run'],
  async run({ args, reach, ...tools }) {
    const { change, log, signal, dryRun } = tools
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
      // A dry run lists the deletion itself, not its lock.
      if (dryRun) await change(() => client.images.delete(image.fingerprint, { signal }))
      else if (await deleteKnown(client, image, tools))
        log(`Deleted image ${image.fingerprint} of "${client.name}"`)
      else log(`Image ${image.fingerprint} of "${client.name}" was deleted by somebody else`)
    }
  },
})

export default script
await runIfMain(import.meta, script)

/** Deletes an image with the aliases that it had when it was found, and no others. */
function deleteKnown(
  client: Client,
  { fingerprint, aliases }: Image,
  { command, log, signal }: Pick<ScriptTools, 'command' | 'log' | 'signal'>,
): Promise<boolean> {
  const known = aliases.map(({ name }) => name)
  return deleteUnderLock(client, fingerprint, {
    owner: command,
    signal,
    onWait: ({ owner }) => log(`Waiting for "${owner}", which is deleting an image of "${client.name}"`),
    check(now) {
      const added = now.aliases.find(({ name }) => !known.includes(name) && !isLockAlias(name))
      if (added === undefined) return
      throw new HyperkitError(
        'precondition-failed',
        `Cannot delete image ${shortFingerprint(fingerprint)} from "${client.name}": alias "${added.name}" points at it now; run the command again to delete both`,
        { server: client.name },
      )
    },
  })
}

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
