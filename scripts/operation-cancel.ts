import { defineScript, operationWords, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Cancel operations that the server can cancel',
  details:
    'Storing, publishing and deleting an image cannot be cancelled, and neither can an operation that has ended.',
  connects: false,
  args: v.object({
    operations: operationWords(),
  }),
  examples: ['hyperkit operation cancel prod:6d1b5a2c-8d4e-4a51-9d65-0f4e5b1f3c9a'],
  async run({ args, reach, change, signal }) {
    for (const text of args.operations) {
      const { client, name } = await reach(text)
      await change(() => client.operations.cancel(name, { signal }))
    }
  },
})

export default script
await runIfMain(import.meta, script)
