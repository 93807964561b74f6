import { listRemotes, type Remote } from '@hyperkit/connect'
import { type Column, defineScript, flag, formatFlag, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

type ListedRemote = Remote & { isDefault: boolean }

const columns: readonly Column<ListedRemote>[] = [
  { title: 'NAME', text: ({ name, isDefault }) => (isDefault ? `${name} (default)` : name) },
  { title: 'CLIENT', text: ({ client }) => client },
  { title: 'URL', text: ({ addresses }) => addresses.join('\n') },
  { title: 'PROTOCOL', text: ({ protocol }) => protocol },
  {
    title: 'AUTH TYPE',
    text: ({ authType, addresses }) => (isSocket(addresses) ? 'file access' : (authType ?? 'none')),
  },
  { title: 'PROJECT', text: ({ project }) => project ?? '' },
  { title: 'PUBLIC', text: (remote) => (remote.public ? 'YES' : 'NO') },
  { title: 'FROM', text: ({ origin }) => origin },
]

const script = defineScript({
  description: 'List the remotes of your own incus and lxc',
  details: 'A name that both clients have is told apart as incus:NAME and lxc:NAME.',
  connects: false,
  args: v.object({
    client: v.optional(
      v.pipe(
        v.picklist(['incus', 'lxc']),
        v.description('Those of this client only'),
        flag({ value: 'client' }),
      ),
    ),
    format: formatFlag(),
  }),
  examples: ['hyperkit remote list', 'hyperkit remote list --client lxc --format csv'],
  async run({ args, rows }) {
    rows(await listRemotes({ client: args.client }), { columns, format: args.format })
  },
})

export default script
await runIfMain(import.meta, script)

function isSocket([first = '']: readonly string[]): boolean {
  return first.startsWith('unix:')
}
