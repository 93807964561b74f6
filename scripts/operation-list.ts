import type { Operation } from '@hyperkit/core'
import {
  type ColumnsByLetter,
  columnsFlag,
  defineScript,
  describeView,
  formatFlag,
  maskOperation,
  positional,
  readColumns,
  runIfMain,
  showSecretsFlag,
} from '@hyperkit/script'
import * as v from 'valibot'

const columnsByLetter: ColumnsByLetter<Operation> = {
  i: { title: 'ID', text: ({ id }) => id },
  t: { title: 'TYPE', text: (operation) => operation.class.toUpperCase() },
  d: { title: 'DESCRIPTION', text: ({ description }) => description },
  s: { title: 'STATE', text: ({ state }) => state.toUpperCase() },
  c: { title: 'CANCELABLE', text: ({ mayCancel }) => (mayCancel ? 'YES' : 'NO') },
  C: {
    title: 'CREATED',
    text: ({ createdAt }) => createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '',
  },
  L: { title: 'LOCATION', text: ({ location }) => location ?? '' },
}

const details = `Servers forget an operation 5 seconds after its end.

Columns, as one word ("ids") or with commas:
  i  id     t  type           d  description     s  state
  C  when   c  cancelable     L  cluster member`

const script = defineScript({
  description: 'List the operations that a server still knows',
  details,
  connects: false,
  args: v.object({
    remote: v.optional(
      v.pipe(v.string(), v.description('Server to list'), positional('[remote:]', { completes: 'remote' })),
    ),
    columns: columnsFlag('itdscC'),
    format: formatFlag(),
    allProjects: v.optional(v.pipe(v.boolean(), v.description('Operations of all projects')), false),
    showSecrets: showSecretsFlag(),
  }),
  examples: ['hyperkit operation list prod: --format json'],
  async run({ args, reach, connect, rows, log, signal }) {
    const client = args.remote === undefined ? await connect() : (await reach(args.remote)).client
    const { allProjects } = args
    const operations = await client.operations.list({ signal, allProjects })
    const note = await describeView(client, { signal, allProjects, of: 'operations' })
    if (note !== undefined) log(note)
    rows(operations, {
      columns: readColumns(args.columns, columnsByLetter),
      format: args.format,
      record: args.showSecrets ? undefined : maskOperation,
    })
  },
})

export default script
await runIfMain(import.meta, script)
