import { checkTarget, planRollbackOver } from '@hyperkit/reconcile/parts'
import { defineScript, positional } from '@hyperkit/script'
import * as v from 'valibot'
import { completeAliases, completeVersions } from '../arguments/complete-names.ts'
import {
  changeArguments,
  changesServers,
  fileArguments,
  serverArguments,
  textFlag,
} from '../arguments/manifest-arguments.ts'
import { descriptions } from '../descriptions.ts'
import { applyPrepared } from '../run/apply-prepared.ts'
import { openManifest } from '../run/open-manifest.ts'

/** One `PUT` of the alias on each server that has it, under the ETag that was read. */
export default defineScript({
  description: descriptions.rollback,
  ...changesServers,
  args: v.object({
    alias: v.pipe(
      v.string(),
      v.description('Name or alias of an image of the manifest'),
      positional('alias', { completes: completeAliases }),
    ),
    to: textFlag('The version to point it at; the first 12 digits of its fingerprint are enough', {
      value: 'fingerprint',
      completes: completeVersions,
    }),
    ...fileArguments,
    ...serverArguments,
    ...changeArguments,
  }),
  async run({ args, ...tools }) {
    const { alias, to } = args
    const { signal, fail } = tools
    checkTarget(to)
    const { manifest, open, close } = await openManifest(args, tools)
    try {
      const wish = { alias, to: to ?? null, servers: args.server }
      const { rollback, ...plan } = await planRollbackOver(manifest, wish, open, signal)
      // A server on which the alias cannot be rolled back is reported as an error, and does not stop the others.
      for (const { server, why } of rollback.refused)
        fail(`Cannot roll back alias "${alias}" on "${server}": ${why}`)
      if (plan.servers.length === 0) return
      const identify = (server: string): string => server
      await applyPrepared({ plan, refusals: [], open, close, identify }, args, tools)
    } finally {
      await close()
    }
  },
})
