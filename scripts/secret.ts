import { defineScript, findImage, imageWord, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Make a secret with which somebody who is not trusted may download a private image once',
  details:
    'It is good for one use and 5 seconds after it. Unused, it lives until the server restarts, or until\n`operation cancel` of the operation that is printed beside it.',
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
