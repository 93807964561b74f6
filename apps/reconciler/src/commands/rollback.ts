import { changesOf, type RollbackPlan } from '@hyperkit/reconcile'
import { checkTarget, type Prepared, planRollbackOver } from '@hyperkit/reconcile/parts'
import { defineScript, positional, type ScriptTools, UsageError } from '@hyperkit/script'
import * as v from 'valibot'
import { completeAliases, completeImages, completeVersions } from '../arguments/complete-names.ts'
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

/** One `PUT` of each alias on each server that has it, under the ETag that was read. */
export default defineScript({
  description: descriptions.rollback,
  ...changesServers,
  args: v.object({
    alias: v.optional(
      v.pipe(
        v.string(),
        v.description('Name or alias of an image of the manifest'),
        positional('alias', { completes: completeAliases }),
      ),
    ),
    image: textFlag('Image of the manifest, to point all its aliases at the version before', {
      value: 'name',
      completes: completeImages,
    }),
    to: textFlag('The version to point it at; the first 12 digits of its fingerprint are enough', {
      value: 'fingerprint',
      completes: completeVersions,
    }),
    ...fileArguments,
    ...serverArguments,
    ...changeArguments,
  }),
  async run({ args, ...tools }) {
    const { image, to, parallelism } = args
    const alias = image ?? args.alias
    const { console, signal, json } = tools
    if (alias === undefined || (image !== undefined && args.alias !== undefined))
      throw new UsageError('give an alias, or an image with "--image"')
    checkTarget(to)
    const { manifest, open, close } = await openManifest(args, tools)
    const reported = new Set<string>()
    const prepare = async (servers: readonly string[] = args.server): Promise<Prepared> => {
      const wish = { alias, image, to: to ?? null, servers: [...servers] }
      const plan = await planRollbackOver(manifest, wish, { open, signal, parallelism, note: console.note })
      await reportNotes(plan.rollback, reported, tools)
      return { plan, refusals: [], open, close, identify: (server) => server }
    }
    try {
      const prepared = await prepare()
      const { plan } = prepared
      if (plan.servers.length === 0) return
      if (changesOf(plan).length > 0 || json)
        await applyPrepared(prepared, args, tools, { planAgain: (server) => prepare([server]) })
      else await console.result('Nothing to roll back.\n')
    } finally {
      await close()
    }
  },
})

/** What cannot be rolled back is an error and does not stop the rest; what was rolled back before is not. */
async function reportNotes(
  { alias, image, refused, unchanged }: RollbackPlan['rollback'],
  reported: Set<string>,
  { console, fail, json }: Pick<ScriptTools, 'console' | 'fail' | 'json'>,
): Promise<void> {
  const once = (sentence: string): boolean => !reported.has(sentence) && reported.add(sentence) !== undefined
  for (const { server, why, ...which } of refused) {
    const what = image === undefined || which.alias !== undefined ? 'alias' : 'image'
    const sentence = `Cannot roll back ${what} "${which.alias ?? alias}" on "${server}": ${why}`
    if (once(sentence)) fail(sentence)
  }
  for (const { server, why, alias: name } of unchanged) {
    const sentence = `${server}: alias "${name}" stays: ${why}`
    if (!once(sentence)) continue
    if (json) await console.note(sentence)
    else await console.result(`${sentence}\n`)
  }
}
