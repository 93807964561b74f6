import { HyperkitError } from '@hyperkit/core'
import { loadManifest, type Manifest, type PresentImage, renderPlan } from '@hyperkit/reconcile'
import {
  checkReportPaths,
  checkSelection,
  describeNewAliases,
  desirePromotion,
  findServers,
  guardPlan,
  type NamedContent,
  type ObservedServer,
  openOnce,
  type Promotion,
  planChanges,
  readAliases,
  readObserved,
  renderPlanJson,
  writeReports,
} from '@hyperkit/reconcile/parts'
import { applyPrepared, type CarryOutOptions } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { readPaths } from './manifest-options.ts'

export interface PromoteOptions extends CarryOutOptions {
  file?: string[]
  from: string
  to: string[]
  dryRun?: true
  report?: string[]
}

/** Gives servers the images that another one has under the manifest's names: copies, then aliases. */
export async function promoteCommand(
  images: readonly string[],
  options: PromoteOptions,
  context: CommandContext,
): Promise<void> {
  const { console, signal, exitWith } = context
  if (options.progress === 'json') console.useEvents()
  await checkReportPaths(options.report)
  const manifest = await loadManifest(readPaths(undefined, options))
  console.hide(manifest.secrets)
  const promotion = choosePromotion(manifest, images, options)
  const { open, close } = openOnce(manifest, context)
  try {
    const contents = await readAliases(await open(promotion.from), namesOf(promotion.images), signal)
    for (const { name } of missingOn(promotion, contents)) {
      const sentence = `Cannot promote image "${name}": "${promotion.from}" has no alias of this name`
      if (images.includes(name)) throw new HyperkitError('not-found', `${sentence}; nothing was done`)
      await console.error(`Note: image "${name}" is left out: "${promotion.from}" has no alias of this name`)
    }
    const wanted = desirePromotion(manifest, promotion, contents)
    const observed = await readObserved(wanted, { signal, open })
    const desired = describeNewAliases(wanted, observed, contents)
    const plan = planChanges(desired, observed)
    const prepared = {
      plan,
      desired,
      observed,
      manifest,
      open,
      close,
      refusals: guardPlan(plan, desired),
      identify: (server: string) => identityOf(server, observed),
    }
    if (!options.dryRun)
      return await applyPrepared(prepared, options, context, {
        onEnd: (report) => writeReports(options.report, prepared, report),
      })
    await console.result(options.json ? renderPlanJson(plan) : renderPlan(plan, console.paint))
    for (const { message } of prepared.refusals) await console.error(console.paintError('error', message))
    if (prepared.refusals.length > 0 || plan.servers.some(({ status }) => status === 'unread')) exitWith(1)
    await writeReports(options.report, prepared)
  } finally {
    await close()
  }
}

function choosePromotion(
  manifest: Manifest,
  images: readonly string[],
  options: Pick<PromoteOptions, 'from' | 'to'>,
): Promotion {
  const refuse = (why: string): HyperkitError =>
    new HyperkitError('invalid-argument', `Cannot promote: ${why}`)
  checkSelection(manifest, { targets: images, servers: [options.from, ...options.to] })
  const to = findServers(manifest, options.to)
  const from = manifest.servers.find(({ name }) => name === options.from)?.name
  if (from === undefined) throw refuse(`--from takes one server by its name, not "${options.from}"`)
  if (to.includes(from)) throw refuse(`"${from}" stands in --from and in --to`)
  const present = manifest.images.filter((image): image is PresentImage => image.state === 'present')
  for (const name of images) {
    const entries = present.filter((each) => each.name === name)
    if (entries.length === 0) throw refuse(`"${manifest.file}" says that image "${name}" shall be absent`)
    const missing = to.find((server) => !entries.some(({ servers }) => servers.includes(server)))
    if (missing !== undefined)
      throw refuse(`"${manifest.file}" does not declare image "${name}" for server "${missing}"`)
  }
  const chosen = present.filter(
    ({ name, servers }) =>
      (images.length === 0 || images.includes(name)) && servers.some((server) => to.includes(server)),
  )
  if (chosen.length === 0) throw refuse(`"${manifest.file}" declares no image for ${to.join(', ')}`)
  return { from, to, images: chosen }
}

function namesOf(images: readonly PresentImage[]): string[] {
  return images.flatMap(({ aliases, overrides = {} }) =>
    [aliases, ...Object.values(overrides).map((override) => override.aliases)].flat().map(({ name }) => name),
  )
}

function missingOn({ images }: Promotion, contents: readonly NamedContent[]): PresentImage[] {
  return images.filter(({ name }) => !contents.some(({ alias }) => alias === name))
}

function identityOf(name: string, observed: readonly ObservedServer[]): string {
  const server = observed.find((each) => each.name === name)
  return server?.status === 'read' ? server.identity : name
}
