import { defineScript, maskOperation, operationWords, runIfMain, showSecretsFlag } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Wait until operations have succeeded',
  details:
    'An operation that fails, is cancelled or is unknown to the server is an error: the exit code is 1. Ctrl-C and --timeout cancel the\noperation that is waited for, if it can be cancelled.',
  connects: false,
  args: v.object({
    operations: operationWords(),
    showSecrets: showSecretsFlag(),
  }),
  examples: ['hyperkit operation wait prod:6d1b5a2c-8d4e-4a51-9d65-0f4e5b1f3c9a --timeout 10m'],
  async run({ args, reach, progress, records, signal }) {
    const ended = []
    for (const text of args.operations) {
      const { client, name } = await reach(text)
      ended.push(
        await progress(`Wait for ${text}`, (onProgress) =>
          client.operations.wait(name, { signal, onProgress }),
        ),
      )
    }
    records(args.showSecrets ? ended : ended.map(maskOperation))
  },
})

export default script
await runIfMain(import.meta, script)
