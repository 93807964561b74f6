import { HyperkitError } from '@hyperkit/core'
import { loadManifest, type Manifest, type PresentImage } from '@hyperkit/reconcile'
import {
  checkPolicy,
  checkSelection,
  createImagesAtOnce,
  describeMessage,
  describeNewAliases,
  desirePromotion,
  findServers,
  guardPlan,
  guardPolicy,
  measureSpace,
  type NamedContent,
  type ObservedServer,
  openOnce,
  type Promotion,
  planChanges,
  planRollout,
  readAliases,
  readObserved,
  refuseImages,
  writeReports,
} from '@hyperkit/reconcile/parts'
import { defineScript, flag } from '@hyperkit/script'
import { createSlowReport } from '@hyperkit/terminal'
import { renderSlow } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import { completeServers } from '../arguments/complete-names.ts'
import {
  changeArguments,
  changesServers,
  fileArguments,
  imagesArguments,
  imageWords,
  namedByManifest,
  progressArguments,
  reportArguments,
  resumeArguments,
} from '../arguments/manifest-arguments.ts'
import { readPaths } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { applyPrepared } from '../run/apply-prepared.ts'
import { checkReports } from '../run/check-reports.ts'
import { hideSecretsOf, openingOf } from '../run/preparing.ts'

/** Gives servers the images that another server has under the manifest's names: first copies, then aliases. */
export default defineScript({
  description: descriptions.promote,
  ...changesServers,
  refuses: { ...namedByManifest, remote: 'the manifest names the servers; give --from and --to' },
  args: v.object({
    images: imageWords('Names of images in the manifest (default: all that it declares for the servers)'),
    ...fileArguments,
    from: v.pipe(
      v.string(),
      v.description('The server to copy the images from'),
      flag({ value: 'server', completes: completeServers }),
    ),
    to: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('A server to copy them to, or the labels of several servers'),
      flag<string[]>({ value: 'server', completes: completeServers }),
    ),
    ...imagesArguments,
    ...changeArguments,
    ...resumeArguments,
    ...reportArguments,
    ...progressArguments(),
  }),
  async run({ args, ...tools }) {
    const { images } = args
    const { console, signal } = tools
    if (args.progress === 'json') console.describeLines(describeMessage)
    await checkReports(args.report, tools)
    const manifest = await loadManifest(readPaths(args))
    hideSecretsOf(manifest, tools)
    checkPolicy(manifest)
    const promotion = choosePromotion(manifest, images, args)
    const { open, close } = openOnce(manifest, openingOf(tools))
    try {
      const contents = await readAliases(await open(promotion.from), namesOf(promotion.images), signal)
      for (const { name } of missingOn(promotion, contents)) {
        const sentence = `Cannot promote image "${name}": "${promotion.from}" has no alias of this name`
        if (images.includes(name)) throw new HyperkitError('not-found', `${sentence}; nothing was done`)
        await console.note(`Note: image "${name}" is left out: "${promotion.from}" has no alias of this name`)
      }
      const wanted = desirePromotion(manifest, promotion, contents)
      const onSlow = (names: readonly string[]): void => void console.note(renderSlow(names))
      const observed = await readObserved(wanted, {
        signal,
        open,
        parallelism: args.parallelism,
        onSlow,
      })
      const desired = describeNewAliases(wanted, observed, contents)
      const changes = refuseImages(planChanges(desired, observed), desired)
      const slow = createSlowReport(onSlow)
      const imagesAtOnce = createImagesAtOnce(manifest.servers, args.imagesPerServer)
      const plan = planRollout(await measureSpace(changes, { signal, open, slow, imagesAtOnce }), manifest)
      const prepared = {
        plan,
        desired,
        observed,
        manifest,
        open,
        close,
        refusals: [...guardPlan(plan, desired), ...guardPolicy(manifest, desired, observed)],
        identify: (server: string) => identityOf(server, observed),
      }
      const { rollout } = manifest
      const options = { ...args, imagesAtOnce, rollout: rollout && { ...rollout, resume: args.resume } }
      await applyPrepared(prepared, options, tools, {
        onEnd: (report) => writeReports(args.report, prepared, report),
      })
    } finally {
      await close()
    }
  },
})

function choosePromotion(
  manifest: Manifest,
  images: readonly string[],
  options: { from: string; to: readonly string[] },
): Promotion {
  const refuse = (why: string): HyperkitError =>
    new HyperkitError('invalid-argument', `Cannot promote: ${why}`)
  checkSelection(manifest, { targets: images, servers: [options.from, ...options.to] })
  const to = findServers(manifest, options.to)
  const from = manifest.servers.find(({ name }) => name === options.from)?.name
  if (from === undefined) throw refuse(`--from takes the name of one server, not "${options.from}"`)
  if (to.includes(from)) throw refuse(`"${from}" is named in both --from and --to`)
  const present = manifest.images.filter((image): image is PresentImage => image.state === 'present')
  for (const name of images) {
    const entries = present.filter((each) => each.name === name)
    if (entries.length === 0) throw refuse(`"${manifest.file}" says that image "${name}" should be absent`)
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
