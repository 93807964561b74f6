import { ArgumentError } from '@hyperkit/core'
import { changesOf } from '@hyperkit/reconcile'
import { observeManifest, planAdoption } from '@hyperkit/reconcile/parts'
import { nearestName } from '@hyperkit/terminal/text'
import { applyPrepared } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { readPaths } from './manifest-options.ts'

/** Writes the manifest's mark on what there is of the named images. */
export async function adoptCommand(
  images: readonly string[],
  options: { file?: string[]; yes?: true; json?: true; lockTimeout?: number },
  context: CommandContext,
): Promise<void> {
  const { desired, observed, plan, ...connections } = await observeManifest(readPaths(undefined, options), {
    signal: context.signal,
    wrapTransport: context.wrapTransport,
    hide: context.console.hide,
    note: context.console.error,
  })
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
    if (changesOf(adoption).length === 0 && servers.every(({ status }) => status === 'planned'))
      return await context.console.result('Nothing to adopt: what there is belongs to this manifest.\n')
    await applyPrepared({ ...connections, plan: adoption, refusals: [] }, options, context)
  } finally {
    await connections.close()
  }
}

function unknownImage(name: string, known: readonly string[]): ArgumentError {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return new ArgumentError('image', `Cannot adopt image "${name}": the manifest does not declare it${hint}`)
}
