import { pointAlias } from '@hyperkit/core/parts'
import { defineScript, findImage, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Point an alias at an image; create the alias if it does not exist',
  details:
    'An alias that exists is moved in one request, under its ETag, so that it always points at an image. Its description stays,\nunless --description is given.',
  connects: false,
  args: v.object({
    alias: v.pipe(
      v.string(),
      v.description('The name'),
      positional('[remote:]<alias>', { completes: 'alias' }),
    ),
    image: v.pipe(
      v.string(),
      v.description('Beginning of its fingerprint, or another alias of it'),
      positional('image', { completes: 'image' }),
    ),
    description: v.optional(v.pipe(v.string(), v.description('Description of the alias'))),
  }),
  examples: ['hyperkit alias set prod:ubuntu/lts 3f2a9c'],
  async run({ args: { alias, image, description }, reach, change, result, command, log, signal }) {
    const { client, name } = await reach(alias)
    const { fingerprint } = await findImage(client, image, { signal })
    const done = await change(() =>
      pointAlias(client, name, {
        target: fingerprint,
        description,
        owner: command,
        signal,
        onWait: ({ owner }) => log(`Waiting for "${owner}", which works with the image on "${client.name}"`),
      }),
    )
    if (done !== undefined) result({ ...done.alias, change: done.change }, `${name}: ${done.change}`)
  },
})

export default script
await runIfMain(import.meta, script)
