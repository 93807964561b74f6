import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '@hyperkit/core'
import { fingerprintOf, saveImage } from '@hyperkit/files'
import { owner, type Scene } from './open-scene.ts'

/** What is wrong with the images of a cluster, a sentence each. */
export interface Verdict {
  lost: string[]
  unowned: string[]
  /** What nothing removes although nobody wants it any more: versions, locks. */
  left: string[]
}

export async function judge(scene: Scene, signal: AbortSignal): Promise<Verdict> {
  const { client, aliases, copied, files } = scene
  const images = await client.images.list({ signal })
  const wanted = await Promise.all(files.map((file) => fingerprintOf(file)))
  const lost: string[] = []
  for (const name of [...aliases, ...copied]) {
    const image = images.find((each) => each.aliases.some((alias) => alias.name === name))
    if (image === undefined) lost.push(`no image has the alias ${name}`)
    else {
      const index = aliases.indexOf(name)
      if (index >= 0 && image.fingerprint !== wanted[index]?.fingerprint)
        lost.push(`the alias ${name} points at another image`)
      const lack = await findLack(scene, image, signal)
      if (lack !== undefined) lost.push(`the image of ${name} has no content: ${lack}`)
    }
  }
  const unowned = images
    .filter(({ properties, aliases }) => properties['hyperkit.manifest'] !== owner && aliases.length === 0)
    .map(({ fingerprint }) => `image ${fingerprint} has neither an owner nor a name`)
  const versions = images
    .filter(({ properties }) => properties['hyperkit.manifest'] === owner)
    .filter(({ fingerprint }) => !wanted.some((each) => each.fingerprint === fingerprint))
    .map(({ fingerprint }) => `image ${fingerprint} should have been pruned`)
  const known = [...aliases, ...copied]
  const strange = (await client.aliases.list({ signal }))
    .filter(({ name }) => !known.includes(name))
    .map(({ name }) => `the alias ${name} is left`)
  return { lost, unowned, left: [...versions, ...strange] }
}

/** Why an image cannot be downloaded whole; undefined if it can. */
async function findLack(
  { client, folder }: Scene,
  { fingerprint }: Image,
  signal: AbortSignal,
): Promise<string | undefined> {
  const place = mkdtempSync(join(folder, 'saved-'))
  try {
    await saveImage(client, fingerprint, place, { signal })
    return undefined
  } catch (error) {
    return String(error)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
