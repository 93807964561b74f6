import type { Operation } from '@hyperkit/core'
import { type Column, defineScript, formatFlag, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const columns: readonly Column<Operation>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'TYPE', text: (operation) => operation.class.toUpperCase() },
  { title: 'DESCRIPTION', text: ({ description }) => description },
  { title: 'STATE', text: ({ state }) => state.toUpperCase() },
  { title: 'CANCELABLE', text: ({ mayCancel }) => (mayCancel ? 'YES' : 'NO') },
  {
    title: 'CREATED',
    text: ({ createdAt }) => createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '',
  },
]

const script = defineScript({
  description: 'List the operations that a server still knows',
  details: 'Servers forget an operation 5 seconds after its end.',
  connects: false,
  args: v.object({
    remote: v.optional(
      v.pipe(v.string(), v.description('Server to list'), positional('[remote:]', { completes: 'remote' })),
    ),
    format: formatFlag(),
    allProjects: v.optional(v.pipe(v.boolean(), v.description('Operations of all projects')), false),
  }),
  examples: ['hyperkit operation list prod: --format json'],
  async run({ args, reach, connect, rows, signal }) {
    const client = args.remote === undefined ? await connect() : (await reach(args.remote)).client
    rows(await client.operations.list({ signal, allProjects: args.allProjects }), {
      columns,
      format: args.format,
    })
  },
})

export default script
await runIfMain(import.meta, script)
