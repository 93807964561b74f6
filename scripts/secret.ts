import { defineScript, findImage, imageWord, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Make a secret that lets an untrusted client download a private image once',
  details:
    'The secret can be used once, and again within the next 5 seconds. If it is not used, it is valid until the server restarts,\nor until `operation cancel` cancels the operation that is printed with it.',
  connects: false,
  args: v.object({
    image: imageWord(),
  }),
  examples: ['hyperkit secret prod:golden/web'],
  async run({ args, reach, change, result, signal }) {
    const { client, name } = await reach(args.image)
    const { fingerprint } = await findImage(client, name, { signal })
    const made = await change(() => client.images.createSecret(fingerprint, { signal }))
    if (made === undefined) return
    const { secret, operation } = made
    result(
      { fingerprint, secret, operation: operation.id },
      `Fingerprint: ${fingerprint}\nSecret: ${secret}\nOperation: ${operation.id}`,
    )
  },
})

export default script
await runIfMain(import.meta, script)
