import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { copyImage } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { applyPlan, loadManifest, planManifest, watchManifest } from '@hyperkit/reconcile'
import { owner, type Scene } from './open-scene.ts'
import type { Work } from './work.ts'

/** Milliseconds after which a watch that has not made a change counts as one that failed. */
const patience = 90_000

/** Makes what a work starts from, while all members are up. */
export async function prepareWork(scene: Scene, work: Work, round: number): Promise<void> {
  const { client, source, folder } = scene
  if (work === 'apply') return scene.change(`round ${round}`)
  if (work === 'prune') {
    // Older versions of an image, of which the manifest keeps none.
    for (const part of ['a', 'b', 'c']) {
      const { path } = await makeImage({ directory: folder, name: 'gone', seed: `${round} ${part}` })
      const properties = { 'hyperkit.manifest': owner, 'hyperkit.image': `${owner}/one` }
      await uploadImage(client, path, { properties })
    }
  }
  if (work === 'copy') {
    const { path } = await makeImage({ directory: folder, name: 'copied', seed: `${round}` })
    await uploadImage(source, path, { aliases: [aliasOf(round)] })
  }
}

/** Does the work; throws unless it ends well. */
export async function runWork(scene: Scene, work: Work, round: number): Promise<void> {
  if (work === 'copy') {
    await copyImage(scene.source, scene.client, aliasOf(round), { aliases: [aliasOf(round)] })
    return
  }
  if (work === 'watch') return watchOnce(scene, round)
  const manifest = await loadManifest(scene.manifest)
  const { servers } = await applyPlan(await planManifest(manifest), { manifest })
  for (const { status, results, error } of servers) {
    if (status === 'done') continue
    const failed = results.flatMap((result) => result.error?.message ?? [])
    throw new Error([error?.message ?? '', ...failed].filter((text) => text !== '').join('; ') || status)
  }
}

const aliasOf = (round: number): string => `copied/${round}`

/** Watches until the images have another content. */
async function watchOnce(scene: Scene, round: number): Promise<void> {
  const stop = new AbortController()
  const messages: string[] = []
  let begun: () => void = () => undefined
  const began = new Promise<void>((resolve) => {
    begun = resolve
  })
  const watching = watchManifest(await loadManifest(scene.manifest), {
    signal: stop.signal,
    settle: 200,
    interval: 5_000,
    onEvent(event) {
      if (event.kind === 'server') begun()
      if (event.kind === 'message') messages.push(event.message)
    },
  })
  try {
    await Promise.race([began, watching])
    await scene.change(`round ${round}`)
    const wanted = await Promise.all(
      scene.aliases.map((_, index) => fingerprintOf(join(scene.folder, `image${index}.tar.gz`))),
    )
    const end = performance.now() + patience
    for (;;) {
      const found = await Promise.all(
        scene.aliases.map((name) => scene.client.aliases.find(name).catch(() => undefined)),
      )
      if (found.every((alias, index) => alias?.target === wanted[index]?.fingerprint)) return
      if (performance.now() > end)
        throw new Error(`the watch has not made the change: ${messages.slice(-2).join('; ')}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } finally {
    stop.abort()
    await watching
  }
}
