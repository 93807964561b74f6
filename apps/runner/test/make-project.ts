import type { Client } from '@hyperkit/core'

/** A project with images of its own on a server that has other guests; its images and itself go by `remove`. */
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
