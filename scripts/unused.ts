import type { Client, Image } from '@hyperkit/core'
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
    'Asked are the images of one project, and the instances of all. Images that the server keeps for itself ("cached") are\nlisted, too: it removes them by itself after a time. Nothing is deleted:\n\n  hyperkit delete $(hyperkit unused --format csv | cut -d, -f1)',
  connects: false,
  args: v.object({
    remote: v.optional(
      v.pipe(
        v.string(),
        v.description('Server to look at'),
        positional('[remote:]', { completes: 'remote' }),
      ),
    ),
    format: formatFlag(),
  }),
  examples: ['hyperkit unused prod:', 'hyperkit unused --json'],
  async run({ args, reach, connect, rows, signal }) {
    const client = args.remote === undefined ? await connect() : (await reach(args.remote)).client
    // Instances are read last: one that is made of an image meanwhile is seen.
    const images = await client.images.list({ signal })
    const used = await readUsed(client, signal)
    rows(
      images.filter(({ aliases, fingerprint }) => aliases.length === 0 && !used.has(fingerprint)),
      { columns, format: args.format, record: imageRecord },
    )
  },
})

const configured = v.array(
  v.looseObject({
    config: v.nullish(v.record(v.string(), v.unknown())),
    devices: v.nullish(v.record(v.string(), v.record(v.string(), v.unknown()))),
    snapshots: v.nullish(v.array(v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) }))),
  }),
)

/** Every text of a configuration that could name an image: `volatile.base_image` of instances and their snapshots first. */
async function readUsed(client: Client, signal: AbortSignal): Promise<ReadonlySet<unknown>> {
  const { apiExtensions } = await client.server({ signal })
  const everywhere = apiExtensions.has('instance_all_projects') ? { 'all-projects': 'true' } : {}
  const read = async (path: string, query: Record<string, string>, what: string) => {
    const { metadata } = await client.request({ method: 'GET', path, query, action: `list ${what}`, signal })
    return v.parse(configured, metadata ?? [])
  }
  const found = [
    // Recursion 2 includes the snapshots.
    ...(await read('/1.0/instances', { recursion: '2', ...everywhere }, 'instances')),
    ...(await read('/1.0/profiles', { recursion: '1' }, 'profiles')),
  ]
  return new Set(
    found.flatMap(({ config, devices, snapshots }) => [
      ...Object.values(config ?? {}),
      ...Object.values(devices ?? {}).flatMap((device) => Object.values(device)),
      ...(snapshots ?? []).flatMap((snapshot) => Object.values(snapshot.config ?? {})),
    ]),
  )
}

function day(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? ''
}

export default script
await runIfMain(import.meta, script)
