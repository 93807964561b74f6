import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@hyperkit/core'
import type { SeededInstance, SeededSnapshot } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { makeImage } from './make-image.ts'

/** Makes instances to publish on an embedded or a real server. They are never started. */
export interface InstanceMaker {
  /** The instances that an embedded server is created with. */
  seeded: SeededInstance[]
  make(name: string): Promise<void>
  snapshot(instance: string, name: string): Promise<void>
  /** Replaces the snapshot by a new one of the same name. */
  snapshotAnew(instance: string, name: string): Promise<void>
  remove(name: string, client: Client): Promise<void>
  removeAll(client: Client): Promise<void>
  /** Waits for the next second, because a published image contains the second of its creation. */
  waitForAnotherSecond(): Promise<void>
}

/**
 * @param names the instances of an embedded server
 * @param client a client of the real server
 */
export function makeInstances(names: readonly string[], client?: Client): InstanceMaker {
  return client === undefined ? seedInstances(names) : realInstances(client)
}

function seedInstances(names: readonly string[]): InstanceMaker {
  // The server copies the instances but shares their lists, so changing a list here changes it on the server.
  const snapshots = new Map(names.map((name) => [name, [] as SeededSnapshot[]]))
  let minute = 10
  const snapshot = async (instance: string, name: string): Promise<void> => {
    minute++
    const createdAt = `2026-01-01T00:${minute}:00Z`
    snapshots.get(instance)?.splice(0, 1, { name, createdAt, files: { content: `${minute}` } })
  }
  return {
    seeded: [...snapshots].map(([name, list]) => ({ name, files: { content: name }, snapshots: list })),
    make: async () => {},
    snapshot,
    snapshotAnew: snapshot,
    async remove(name, client) {
      // An ephemeral instance is deleted when it is stopped.
      const path = `/1.0/instances/${name}`
      await client.request({ method: 'PATCH', path, json: { ephemeral: true } })
      for (const action of ['start', 'stop']) {
        const answer = await client.request({ method: 'PUT', path: `${path}/state`, json: { action } })
        await client.operations.wait(answer.operation ?? '')
      }
    },
    removeAll: async () => {},
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
