import { makeImage } from '@hyperkit/conformance'
import { copyImage } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { applyPlan, loadManifest, planManifest, watchManifest } from '@hyperkit/reconcile'
import { owner, type Scene } from './open-scene.ts'
import type { Work } from './work.ts'

/** Milliseconds after which a watch that has not made a change counts as one that failed. */
const patience = 200_000

/** Makes what a work starts from, while all members are up. */
export async function prepareWork(
  scene: Scene,
  work: Work,
  round: number,
  signal: AbortSignal,
): Promise<void> {
  const { client, source, folder } = scene
  if (work === 'apply') return scene.change(`round ${round}`)
  // The first pass of the watch makes this change, and nobody is killed in it.
  if (work === 'watch') return scene.change(`round ${round} before`)
  if (work === 'prune') {
    // Older versions of an image, of which the manifest keeps none.
    for (const part of ['a', 'b', 'c']) {
      const { path } = await makeImage({ directory: folder, name: 'gone', seed: `${round} ${part}` })
      const properties = { 'hyperkit.manifest': owner, 'hyperkit.image': `${owner}/one` }
      await uploadImage(client, path, { properties, signal })
    }
  }
  if (work === 'copy') {
    const { path } = await makeImage({ directory: folder, name: 'copied', seed: `${round}` })
    await uploadImage(source, path, { aliases: [aliasOf(round)], signal })
  }
}

/** Does the work; throws unless it ends well. */
export async function runWork(scene: Scene, work: Work, round: number, signal: AbortSignal): Promise<void> {
  if (work === 'watch') return watchOnce(scene, round, signal)
  scene.trace.begin()
  if (work === 'copy') {
    const alias = aliasOf(round)
    await copyImage(scene.source, scene.worker, alias, { aliases: [alias], signal })
    return
  }
  await applyManifest(scene, signal)
}

/** One more run, when all members are up again. */
export async function runAgain(scene: Scene, work: Work, round: number, signal: AbortSignal): Promise<void> {
  await applyManifest(scene, signal)
  if (work !== 'copy') return
  await runWork(scene, 'copy', round, signal)
  if (!scene.copied.includes(aliasOf(round))) scene.copied.push(aliasOf(round))
}

/** Whether the aliases point at the wanted images, apart from anything that was to be removed. */
export async function hasConverged({ client, aliases, files }: Scene, signal: AbortSignal): Promise<boolean> {
  const wanted = await Promise.all(files.map((file) => fingerprintOf(file)))
  const found = await Promise.all(
    aliases.map((name) => client.aliases.find(name, { signal }).catch(() => undefined)),
  )
  return found.every((alias, index) => alias?.target === wanted[index]?.fingerprint)
}

async function applyManifest({ manifest: path, trace }: Scene, signal: AbortSignal): Promise<void> {
  const options = { signal, wrapTransport: trace.wrapTransport }
  const manifest = await loadManifest(path)
  const { servers } = await applyPlan(await planManifest(manifest, options), { manifest, ...options })
  for (const { status, results, error } of servers) {
    if (status === 'done') continue
    const failed = results.flatMap((result) => result.error?.message ?? [])
    throw new Error([error?.message ?? '', ...failed].filter((text) => text !== '').join('; ') || status)
  }
}

const aliasOf = (round: number): string => `copied/${round}`

/** Watches until the images have another content. */
async function watchOnce(scene: Scene, round: number, signal: AbortSignal): Promise<void> {
  const stop = new AbortController()
  const messages: string[] = []
  let begun: () => void = () => undefined
  const began = new Promise<void>((resolve) => {
    begun = resolve
  })
  const watching = watchManifest(await loadManifest(scene.manifest), {
    signal: AbortSignal.any([signal, stop.signal]),
    wrapTransport: scene.trace.wrapTransport,
    settle: 200,
    interval: 5_000,
    onEvent(event) {
      if (event.kind === 'run') begun()
      if (event.kind === 'message') messages.push(event.message)
    },
  })
  try {
    await Promise.race([began, watching])
    scene.trace.begin()
    await scene.change(`round ${round}`)
    await untilChanged(scene, signal).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${messages.slice(-2).join('; ')}`, { cause: error })
    })
  } finally {
    stop.abort()
    await watching
  }
}

async function untilChanged(scene: Scene, signal: AbortSignal): Promise<void> {
  const end = performance.now() + patience
  while (!(await hasConverged(scene, signal))) {
    signal.throwIfAborted()
    if (performance.now() > end) throw new Error('the watch has not made the change')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
