import { loadManifest, readHistory, renderHistory } from '@hyperkit/reconcile'
import { defineScript, positional } from '@hyperkit/script'
import * as v from 'valibot'
import { completeAliases } from '../arguments/complete-names.ts'
import {
  fileArguments,
  namedByManifest,
  parallelArguments,
  serverArguments,
} from '../arguments/manifest-arguments.ts'
import { readPaths } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { hideSecretsOf, openingOf } from '../run/preparing.ts'
import { printResult } from '../run/print-result.ts'
import { reportUnread } from '../run/report-failures.ts'

export default defineScript({
  description: descriptions.history,
  connects: false,
  refuses: namedByManifest,
  args: v.object({
    image: v.optional(
      v.pipe(
        v.string(),
        v.description('Name or alias of one image'),
        positional('image', { completes: completeAliases }),
      ),
    ),
    ...fileArguments,
    ...serverArguments,
    ...parallelArguments,
  }),
  async run({ args, ...tools }) {
    const { console, signal } = tools
    const manifest = await loadManifest(readPaths(args))
    hideSecretsOf(manifest, tools)
    const history = await readHistory(manifest, {
      signal,
      ...openingOf(tools),
      image: args.image,
      servers: args.server,
      parallelism: args.parallelism,
      onNote: (sentence) => void console.note(sentence),
    })
    await printResult(tools, history, renderHistory(history, console.paint))
    for (const { name, error } of history.servers) if (error !== undefined) reportUnread(name, error, tools)
  },
})
