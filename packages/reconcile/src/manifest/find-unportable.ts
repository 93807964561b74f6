import { dialects, explainAliasName } from '@hyperkit/core/parts'
import { imageOn } from './image-on.ts'
import type { Manifest, ManifestServer, PresentImage } from './manifest.ts'
import type { Problem } from './manifest-error.ts'

/**
 * What some servers would refuse, as far as a manifest alone can tell: what its servers are, nobody has asked. So these are
 * warnings, each with the rule, the servers that have it, and the servers of the manifest that may be among them.
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

/** Only where the manifest names the project: a remote may have one of its own. */
function explainPublic(image: PresentImage, servers: readonly ManifestServer[]): string[] {
  const elsewhere = servers.filter(
    ({ name, project }) =>
      project !== undefined &&
      project !== 'default' &&
      image.servers.includes(name) &&
      imageOn(image, name).public === true,
  )
  return elsewhere.length === 0
    ? []
    : [
        `image ${JSON.stringify(image.name)} is public, which LXD 6.8 and newer refuse in projects with images of their own, except "default" (for ${quote(
          elsewhere.map(({ name }) => name),
        )})`,
      ]
}

function quote(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ')
}
