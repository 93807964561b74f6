import type { Image } from '@hyperkit/core'
import { type Column, defineScript, formatFlag, imageRecord, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const columns: readonly Column<Image>[] = [
  { title: 'FINGERPRINT', text: ({ fingerprint }) => fingerprint },
  { title: 'SIZE', text: ({ size }) => String(size), align: 'right' },
  { title: 'UPLOADED', text: ({ uploadedAt }) => day(uploadedAt) },
  { title: 'LAST USED', text: ({ lastUsedAt }) => day(lastUsedAt) },
  { title: 'CACHED', text: ({ cached }) => (cached ? 'YES' : 'NO') },
  { title: 'DESCRIPTION', text: ({ properties }) => properties.description ?? '' },
]

const script = defineScript({
  description: 'List images that no alias, instance, snapshot or profile uses',
  details:
    'It reads the images of one project and the instances of all projects, and fails if this client is not allowed to see all of them.\nImages that the server cached for itself are listed too; it removes them after some time. Nothing is deleted; to delete them:\n\n  hyperkit delete $(hyperkit unused --format csv | cut -d, -f1)',
  connects: false,
  args: v.object({
    remote: v.optional(
      v.pipe(v.string(), v.description('Server to list'), positional('[remote:]', { completes: 'remote' })),
    ),
    format: formatFlag(),
  }),
  examples: ['hyperkit unused prod:', 'hyperkit unused --json'],
  async run({ args, reach, connect, rows, signal }) {
    const client = args.remote === undefined ? await connect() : (await reach(args.remote)).client
    // Instances are read last, so that one that is made from an image meanwhile counts.
    const images = await client.images.list({ signal })
    const used = await client.images.used({ signal })
    rows(
      images.filter(({ aliases, fingerprint }) => aliases.length === 0 && !used.has(fingerprint)),
      { columns, format: args.format, record: imageRecord },
    )
  },
})

function day(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? ''
}

export default script
await runIfMain(import.meta, script)
