import { type Client, type Image, isHyperkitError } from '@hyperkit/core'

/** Deletes what a case has left on a server: images with one of its fingerprints, or with its token in a name. */
export async function sweepImages(
  client: Client,
  token: string,
  fingerprints: ReadonlySet<string>,
): Promise<void> {
  for (const image of await client.images.list()) {
    if (fingerprints.has(image.fingerprint) || bears(image, token)) await remove(client, image.fingerprint)
  }
}

/** Removes all images of a project, and the project. */
export async function removeProject(client: Client, name: string): Promise<void> {
  const within = client.project(name)
  for (const fingerprint of await within.images.fingerprints()) await remove(within, fingerprint)
  await client.request({ method: 'DELETE', path: `/1.0/projects/${encodeURIComponent(name)}` })
}

async function remove(client: Client, fingerprint: string): Promise<void> {
  try {
    await client.images.delete(fingerprint)
  } catch (error) {
    if (!isHyperkitError(error, 'not-found')) throw error
  }
}

function bears(image: Image, token: string): boolean {
  const { aliases, properties, filename } = image
  return JSON.stringify([aliases, properties, filename]).includes(token)
}
