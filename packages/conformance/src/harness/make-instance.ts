import type { Client } from '@hyperkit/core'
import type { CaseContext } from './case-context.ts'

/** An instance with its own image; both are deleted after the case. */
export async function makeInstance(
  { client, imageFile, unique, cleanup }: CaseContext,
  project: string,
): Promise<{ fingerprint: string; path: string; remove(): Promise<void> }> {
  const within = client.project(project)
  const { source, fingerprint } = await imageFile()
  await within.images.upload(source, { fingerprint })
  const name = unique('i')
  const path = `/1.0/instances/${name}`
  const made = { name, type: 'container', source: { type: 'image', fingerprint } }
  await complete(within, 'POST', '/1.0/instances', made)
  let isThere = true
  const remove = async (): Promise<void> => {
    if (isThere) await complete(within, 'DELETE', path)
    isThere = false
  }
  cleanup(remove)
  return { fingerprint, path, remove }
}

/** Sends a request, and waits for the operation if the server creates one. */
export async function complete(
  client: Client,
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  json?: unknown,
): Promise<void> {
  const { operation } = await client.request({ method, path, ...(json === undefined ? {} : { json }) })
  if (operation) await client.operations.wait(operation)
}

/** A project that shares the images of `default`. */
export async function makeSharing(
  { client, unique, cleanup }: CaseContext,
  features: Record<string, string> = {},
): Promise<string> {
  const name = unique('sharing')
  const config = { 'features.images': 'false', 'features.profiles': 'false', ...features }
  await client.request({ method: 'POST', path: '/1.0/projects', json: { name, config } })
  cleanup(() => client.request({ method: 'DELETE', path: `/1.0/projects/${name}` }))
  return name
}
