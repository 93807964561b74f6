import { defineScript, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Show an operation as it is now',
  connects: false,
  args: v.object({
    operation: v.pipe(
      v.string(),
      v.description('Id of the operation'),
      positional('[remote:]<operation>', { completes: 'operation' }),
    ),
  }),
  examples: ['hyperkit operation show prod:6d1b5a2c-8d4e-4a51-9d65-0f4e5b1f3c9a'],
  async run({ args, reach, records, signal }) {
    const { client, name } = await reach(args.operation)
    records([await client.operations.get(name, { signal })])
  },
})

export default script
await runIfMain(import.meta, script)
