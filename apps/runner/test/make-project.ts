import type { Client } from '@hyperkit/core'

/** Makes a project with its own images, apart from those of other tests. `remove` deletes the project and its images. */
export async function makeProject(client: Client, name: string): Promise<{ remove(): Promise<void> }> {
  const json = { name, config: { 'features.images': 'true', 'features.profiles': 'false' } }
  await client.request({ method: 'POST', path: '/1.0/projects', json })
  const { images } = client.project(name)
  return {
    async remove() {
      for (const fingerprint of await images.fingerprints()) await images.delete(fingerprint)
      await client.request({ method: 'DELETE', path: `/1.0/projects/${name}` })
    },
  }
}
