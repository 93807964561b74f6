import type { Alias } from '@hyperkit/core'
import { defineScript, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Delete aliases; the images stay',
  connects: false,
  args: v.object({
    aliases: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('Aliases to delete'),
      positional('[remote:]<alias>...', { completes: 'alias' }),
    ),
  }),
  examples: ['hyperkit alias delete ubuntu/devel prod:ubuntu/devel'],
  async run({ args, reach, change, signal }) {
    const found = []
    // All are found before the first one is deleted.
    for (const text of args.aliases) {
      const { client, name } = await reach(text)
      const { target } = await client.aliases.get(name, { signal })
      found.push({ client, name, target })
    }
    for (const { client, name, target } of found) {
      const isStillMeant = (alias: Alias): boolean => alias.target === target
      await change(() => client.aliases.delete(name, { signal, isStillMeant }))
    }
  },
})

export default script
await runIfMain(import.meta, script)
