import { createReadStream } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '../fixtures/make-image.ts'
import { removeFolder } from './remove-folder.ts'
import { completeOnSocket } from './request-socket.ts'

export interface PreparedInstance {
  /** `web1`; a container, not started. */
  instance: string
  /** `release`, a snapshot of it. */
  snapshot: string
  /** Fingerprint of the instance's image, which stays on the server. */
  fingerprint: string
}

/** Makes what publishing needs: an image, an instance of it, and a snapshot of the instance. */
export async function prepareInstance(server: { socket: string }): Promise<PreparedInstance> {
  const { socket } = server
  const instance = 'web1'
  const snapshot = 'release'
  const directory = await mkdtemp(join(tmpdir(), 'hk-instance-'))
  try {
    const { path, fingerprint } = await makeImage({ directory, name: 'instance-base', templates: true })
    const headers = { 'content-type': 'application/octet-stream' }
    await completeOnSocket(socket, {
      method: 'POST',
      path: '/1.0/images',
      headers,
      body: createReadStream(path),
    })
    const json = { name: instance, type: 'container', source: { type: 'image', fingerprint } }
    await completeOnSocket(socket, { method: 'POST', path: '/1.0/instances', json })
    await completeOnSocket(socket, {
      method: 'POST',
      path: `/1.0/instances/${instance}/snapshots`,
      json: { name: snapshot },
    })
    return { instance, snapshot, fingerprint }
  } finally {
    await removeFolder(directory)
  }
}
