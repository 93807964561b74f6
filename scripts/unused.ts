import type { Client, Image } from '@hyperkit/core'
import { deleteUnderLock, isLockAlias } from '@hyperkit/core/parts'
import {
  type Column,
  defineScript,
  flag,
  formatFlag,
  imageRecord,
  positional,
  runIfMain,
  type ScriptTools,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const columnsOf = ({ name }: Client): readonly Column<Image>[] => [
  { title: 'IMAGE', text: ({ fingerprint }) => `${name}:${fingerprint}` },
  { title: 'SIZE', text: ({ size }) => String(size), align: 'right' },
  { title: 'UPLOADED', text: ({ uploadedAt }) => day(uploadedAt) },
  { title: 'LAST USED', text: ({ lastUsedAt }) => day(lastUsedAt) },
  { title: 'CACHED', text: ({ cached }) => (cached ? 'YES' : 'NO') },
  { title: 'DESCRIPTION', text: ({ properties }) => properties.description ?? '' },
]

const script = defineScript({
  description: 'List or delete images that no alias, instance, snapshot or profile uses',
  details:
    'It reads the images of one project and the instances of all projects, and fails if this client is not allowed to see all of them.\nImages that the server cached for itself are listed too; it removes them after some time. With --delete, each image is checked\nagain right before it is deleted, and kept if it is in use by then.',
  connects: false,
  args: v.object({
    remote: v.optional(
      v.pipe(v.string(), v.description('Server to list'), positional('[remote:]', { completes: 'remote' })),
    ),
    delete: v.optional(v.pipe(v.boolean(), v.description('Delete the images that are listed')), false),
    yes: v.optional(
      v.pipe(v.boolean(), v.description('With --delete: do not ask for confirmation'), flag({ short: 'y' })),
      false,
    ),
    format: formatFlag(),
  }),
  examples: ['hyperkit unused prod:', 'hyperkit unused prod: --delete --dry-run', 'hyperkit unused --json'],
  async run({ args, reach, connect, rows, signal, ...tools }) {
    const client = args.remote === undefined ? await connect() : (await reach(args.remote)).client
    // Instances are read last, so that one that is made from an image meanwhile counts.
    const images = await client.images.list({ signal })
    const used = await client.images.used({ signal })
    const unused = images.filter(({ aliases, fingerprint }) => !isNamed(aliases) && !used.has(fingerprint))
    rows(unused, { columns: columnsOf(client), format: args.format, record: imageRecord })
    if (args.delete) await deleteAll(client, unused, args.yes, { ...tools, signal })
  },
})

async function deleteAll(
  client: Client,
  unused: readonly Image[],
  yes: boolean,
  tools: Pick<ScriptTools, 'change' | 'command' | 'confirm' | 'dryRun' | 'isInteractive' | 'log' | 'signal'>,
): Promise<void> {
  const { change, confirm, dryRun, isInteractive, log, signal } = tools
  if (unused.length === 0) return
  if (!yes && !dryRun) {
    if (!isInteractive()) throw new UsageError('there is no terminal to ask for confirmation on; give --yes')
    const which = unused.length === 1 ? 'this image' : `these ${unused.length} images`
    if (!(await confirm(`Delete ${which} of "${client.name}"?`))) return log('Nothing was deleted')
  }
  for (const { fingerprint } of unused) {
    // A dry run lists the deletion itself, not its lock.
    if (dryRun) await change(() => client.images.delete(fingerprint, { signal }))
    else if (await deleteUnused(client, fingerprint, tools))
      log(`Deleted image ${fingerprint} of "${client.name}"`)
    else log(`Kept image ${fingerprint} of "${client.name}": it is in use now, or gone`)
  }
}

const inUse = Symbol('in use')

/** Whether this call deleted it: not if it is in use by now, or gone. */
async function deleteUnused(
  client: Client,
  fingerprint: string,
  { command, log, signal }: Pick<ScriptTools, 'command' | 'log' | 'signal'>,
): Promise<boolean> {
  try {
    return await deleteUnderLock(client, fingerprint, {
      owner: command,
      signal,
      onWait: ({ owner }) => log(`Waiting for "${owner}", which is deleting an image of "${client.name}"`),
      async prepare() {
        if ((await client.images.used({ signal })).has(fingerprint)) throw inUse
      },
      check({ aliases }) {
        if (isNamed(aliases)) throw inUse
      },
    })
  } catch (error) {
    if (error === inUse) return false
    throw error
  }
}

/** Whether an image has an alias that is not the lock of a run. */
function isNamed(aliases: Image['aliases']): boolean {
  return aliases.some(({ name }) => !isLockAlias(name))
}

function day(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? ''
}

export default script
await runIfMain(import.meta, script)
