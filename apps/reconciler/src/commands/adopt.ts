import { ArgumentError } from '@hyperkit/core'
import { changesOf } from '@hyperkit/reconcile'
import { observeManifest, planAdoption } from '@hyperkit/reconcile/parts'
import { defineScript, positional } from '@hyperkit/script'
import { nearestName } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import { completeImages } from '../arguments/complete-names.ts'
import { changeArguments, changesServers, fileArguments } from '../arguments/manifest-arguments.ts'
import { readPaths } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { applyPrepared } from '../run/apply-prepared.ts'
import { preparingOf } from '../run/preparing.ts'

/** Writes the manifest's mark on the existing images and aliases of the named images. */
export default defineScript({
  description: descriptions.adopt,
  ...changesServers,
  args: v.object({
    images: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('Names of images in the manifest'),
      positional('image', { completes: completeImages }),
    ),
    ...fileArguments,
    ...changeArguments,
  }),
  async run({ args, ...tools }) {
    const { images } = args
    const { console, json } = tools
    const { desired, observed, plan, ...connections } = await observeManifest(
      readPaths(args),
      preparingOf(tools, args),
    )
    try {
      const known = desired.servers.flatMap((server) => server.images.flatMap(({ names }) => names))
      for (const name of images) if (!known.includes(name)) throw unknownImage(name, known)
      const servers = plan.servers.map((server) => {
        const wanted = desired.servers.find(({ name }) => name === server.name)
        const found = observed.find(({ name }) => name === server.name)
        if (server.status === 'unread' || wanted === undefined || found?.status !== 'read') return server
        const owner = desired.manifest.name
        return { ...server, changes: planAdoption(wanted, found, owner, (name) => images.includes(name)) }
      })
      const adoption = { ...plan, servers }
      const hasWork = changesOf(adoption).length > 0 || servers.some(({ status }) => status !== 'planned')
      if (hasWork || json) await applyPrepared({ ...connections, plan: adoption, refusals: [] }, args, tools)
      else await console.result('Nothing to adopt: the images that exist already belong to this manifest.\n')
    } finally {
      await connections.close()
    }
  },
})

function unknownImage(name: string, known: readonly string[]): ArgumentError {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return new ArgumentError('image', `Cannot adopt image "${name}": the manifest does not declare it${hint}`)
}
