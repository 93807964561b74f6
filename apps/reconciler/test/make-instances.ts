import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@hyperkit/core'
import type { SeededInstance } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { makeImage } from './make-image.ts'

/** Makes instances to publish, on an embedded server or a real one; they are never started. */
export interface InstanceMaker {
  /** For an embedded server, which shows what is in it at the time. */
  seeded: SeededInstance[]
  make(name: string): Promise<void>
  snapshot(instance: string, name: string): Promise<void>
  /** A snapshot of the same name, later. */
  snapshotAnew(instance: string, name: string): Promise<void>
  remove(name: string): Promise<void>
  removeAll(): Promise<void>
  /** The second in which an image is published is inside of it. */
  waitForAnotherSecond(): Promise<void>
}

export function makeInstances(client?: Client): InstanceMaker {
  return client === undefined ? seedInstances() : realInstances(client)
}

function seedInstances(): InstanceMaker {
  const seeded: SeededInstance[] = []
  let minute = 10
  const replace = (name: string, change: (instance: SeededInstance) => SeededInstance): void => {
    const index = seeded.findIndex((instance) => instance.name === name)
    const instance = seeded[index]
    if (instance !== undefined) seeded[index] = change(instance)
  }
  const snapshot = async (instance: string, name: string): Promise<void> =>
    replace(instance, (one) => ({
      ...one,
      snapshots: [{ name, createdAt: `2026-01-01T00:${minute++}:00Z`, files: { content: `${minute}` } }],
    }))
  return {
    seeded,
    make: async (name) => void seeded.push({ name, files: { content: name } }),
    snapshot,
    snapshotAnew: snapshot,
    remove: async (name) =>
      void seeded.splice(
        seeded.findIndex((instance) => instance.name === name),
        1,
      ),
    removeAll: async () => void seeded.splice(0),
    waitForAnotherSecond,
  }
}

function realInstances(client: Client): InstanceMaker {
  const made = new Set<string>()
  let base: string | undefined
  const ask = async (
    method: 'POST' | 'DELETE',
    path: string,
    json?: Record<string, unknown>,
  ): Promise<void> => {
    const answer = await client.request({ method, path, ...(json === undefined ? {} : { json }) })
    await client.operations.wait(answer.operation ?? '')
  }
  const snapshot = (instance: string, name: string): Promise<void> =>
    ask('POST', `/1.0/instances/${instance}/snapshots`, { name })
  const remove = async (name: string): Promise<void> => {
    made.delete(name)
    await ask('DELETE', `/1.0/instances/${name}`)
  }
  return {
    seeded: [],
    async make(name) {
      base ??= await uploadBase(client)
      await ask('POST', '/1.0/instances', {
        name,
        type: 'container',
        source: { type: 'image', fingerprint: base },
      })
      made.add(name)
    },
    snapshot,
    async snapshotAnew(instance, name) {
      await ask('DELETE', `/1.0/instances/${instance}/snapshots/${name}`)
      await waitForAnotherSecond()
      await snapshot(instance, name)
    },
    remove,
    async removeAll() {
      for (const name of [...made]) await remove(name)
      if (base !== undefined) await client.images.delete(base)
    },
    waitForAnotherSecond,
  }
}

async function uploadBase(client: Client): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-base-'))
  try {
    const file = join(folder, 'base.tar.gz')
    makeImage(file, `base ${Math.random()}`)
    return (await uploadImage(client, file)).fingerprint
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function waitForAnotherSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  while (Math.floor(Date.now() / 1000) === now) await new Promise((resolve) => setTimeout(resolve, 20))
}
