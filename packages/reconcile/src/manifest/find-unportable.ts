import { dialects, explainAliasName } from '@hyperkit/core/parts'
import { imageOn } from './image-on.ts'
import type { Manifest, ManifestServer, PresentImage } from './manifest.ts'
import type { Problem } from './manifest-error.ts'

/**
 * Finds what some servers would refuse, from the manifest alone. No server has been asked for its version, so these are
 * warnings: each has the rule, the versions that apply it, and the servers of the manifest that it may concern.
 */
export function findUnportable({ file, images, servers }: Manifest): Problem[] {
  return images.flatMap((image) => {
    if (image.state !== 'present') return []
    const messages = [...explainNames(image), ...explainPublic(image, servers)]
    return messages.map((message): Problem => ({ file: image.at.file ?? file, at: image.at, message }))
  })
}

function explainNames(image: PresentImage): string[] {
  const { aliasNames } = dialects.incus
  if (aliasNames === undefined) return []
  const versions = `Incus ${aliasNames.since.join(', ')} and newer refuse`
  const byName = new Map<string, string[]>()
  for (const server of image.servers)
    for (const { name } of imageOn(image, server).aliases)
      byName.set(name, [...(byName.get(name) ?? []), server])
  return [...byName].flatMap(([name, on]) => {
    const why = explainAliasName(aliasNames, name)
    if (why === undefined) return []
    return [`alias ${JSON.stringify(name)} ${why}, which ${versions} in a new alias (for ${quote(on)})`]
  })
}

/** Checks only servers whose project is in the manifest: a remote may have a project of its own. */
function explainPublic(image: PresentImage, servers: readonly ManifestServer[]): string[] {
  const concerned = servers.filter(
    ({ name, project }) =>
      project !== undefined &&
      project !== 'default' &&
      image.servers.includes(name) &&
      imageOn(image, name).public === true,
  )
  if (concerned.length === 0) return []
  const names = quote(concerned.map(({ name }) => name))
  return [
    `image ${JSON.stringify(image.name)} is public, which LXD 6.8 and newer refuse in projects with images of their own, except "default" (for ${names})`,
  ]
}

function quote(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ')
}
