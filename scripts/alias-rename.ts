import { defineScript, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Rename an alias',
  connects: false,
  args: v.object({
    alias: v.pipe(
      v.string(),
      v.description('The present name'),
      positional('[remote:]<alias>', { completes: 'alias' }),
    ),
    newName: v.pipe(v.string(), v.nonEmpty(), v.description('The new name'), positional('new-name')),
  }),
  examples: ['hyperkit alias rename prod:ubuntu/devel ubuntu/next'],
  async run({ args: { alias, newName }, reach, change, signal }) {
    const { client, name } = await reach(alias)
    await change(() => client.aliases.rename(name, newName, { signal }))
  },
})

export default script
await runIfMain(import.meta, script)
