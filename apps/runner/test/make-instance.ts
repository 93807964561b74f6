import type { Client } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'

/** Makes a container with the snapshot `release` and does not start it; returns the fingerprint of its image. */
export async function makeInstance(client: Client, file: string, name: string): Promise<string> {
  const { fingerprint } = await uploadImage(client, file)
  const source = { type: 'image', fingerprint }
  await change(client, 'POST', '/1.0/instances', { name, type: 'container', source })
  await change(client, 'POST', `/1.0/instances/${name}/snapshots`, { name: 'release' })
  return fingerprint
}

export function deleteInstance(client: Client, name: string): Promise<void> {
  return change(client, 'DELETE', `/1.0/instances/${name}`)
}

async function change(
  client: Client,
  method: 'DELETE' | 'POST',
  path: string,
  json?: unknown,
): Promise<void> {
  const { operation } = await client.request({ method, path, ...(json === undefined ? {} : { json }) })
  if (operation !== undefined) await client.operations.wait(operation)
}
