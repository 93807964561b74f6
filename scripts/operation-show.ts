import { defineScript, maskOperation, positional, runIfMain, showSecretsFlag } from '@hyperkit/script'
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
    showSecrets: showSecretsFlag(),
  }),
  examples: ['hyperkit operation show prod:6d1b5a2c-8d4e-4a51-9d65-0f4e5b1f3c9a'],
  async run({ args, reach, records, signal }) {
    const { client, name } = await reach(args.operation)
    const operation = await client.operations.get(name, { signal })
    records([args.showSecrets ? operation : maskOperation(operation)])
  },
})

export default script
await runIfMain(import.meta, script)
