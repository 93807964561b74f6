import {
  type ClientConfiguration,
  listRemotes,
  type Remote,
  readClientConfiguration,
} from '@hyperkit/connect'
import { type Column, defineScript, flag, formatFlag, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

type ListedRemote = Remote & { isDefault: boolean }

const columns: readonly Column<ListedRemote>[] = [
  {
    title: 'NAME',
    text: ({ name, isDefault }) => (isDefault ? `${name} (default)` : name),
    values: ({ name }) => [name],
  },
  { title: 'CLIENT', text: ({ client }) => client },
  { title: 'URL', text: ({ addresses }) => addresses.join('\n'), values: ({ addresses }) => addresses },
  { title: 'PROTOCOL', text: ({ protocol }) => protocol },
  {
    title: 'AUTH TYPE',
    text: ({ authType, addresses }) => (isSocket(addresses) ? 'file access' : (authType ?? 'none')),
  },
  { title: 'PROJECT', text: ({ project }) => project ?? '' },
  { title: 'PUBLIC', text: (remote) => (remote.public ? 'YES' : 'NO') },
  { title: 'FROM', text: ({ origin }) => origin },
  { title: 'FILE', text: ({ file }) => file ?? '' },
]

const script = defineScript({
  description: 'List the remotes of your own incus and lxc',
  details: `If both clients have a remote of the same name, use incus:NAME or lxc:NAME. FILE is the config.yml that defines the remote.
Entries that were not understood are reported on stderr, and so are files that were not read because another file of the same
client comes first.`,
  connects: false,
  args: v.object({
    client: v.optional(
      v.pipe(
        v.picklist(['incus', 'lxc']),
        v.description('Only the remotes of this client'),
        flag({ value: 'client' }),
      ),
    ),
    format: formatFlag(),
  }),
  examples: ['hyperkit remote list', 'hyperkit remote list --client lxc --format csv'],
  async run({ args, log, rows }) {
    for (const configuration of await readClientConfiguration({ client: args.client }))
      for (const line of describe(configuration)) log(line)
    rows(await listRemotes({ client: args.client }), { columns, format: args.format })
  },
})

export default script
await runIfMain(import.meta, script)

/** Lines about files and remotes that the list does not show. */
function describe({ client, file, otherFiles, problems, remotes }: ClientConfiguration): string[] {
  const disabled = [...remotes.values()].filter((remote) => remote.disabled !== undefined)
  return [
    ...problems.map(({ message }) => `${client}: ${message}`),
    ...otherFiles.map((other) => `${client}: ${other} exists too, but only ${file} was read`),
    ...disabled.map((remote) => `${client}: "${remote.name}" cannot be used: ${remote.disabled}`),
  ]
}

function isSocket([first = '']: readonly string[]): boolean {
  return first.startsWith('unix:')
}
