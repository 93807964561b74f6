import { createReadStream } from 'node:fs'
import type { SeededInstance } from '@hyperkit/embedded'
import type { SavedFile } from '../fixtures/save-bytes.ts'
import type { PreparedInstance } from '../servers/prepare-instance.ts'
import { completeOnSocket } from '../servers/request-socket.ts'

/** The instance of an embedded server, made from an image file. */
export function seedInstance(base: SavedFile): SeededInstance {
  return {
    name: 'web1',
    snapshots: ['release'],
    baseImage: base.fingerprint,
    properties: { os: 'hyperkit', release: 'test', description: 'Test image instance-base' },
  }
}

/** Uploads the image of the instance. */
export async function uploadBase(
  socket: string,
  { path, fingerprint }: SavedFile,
): Promise<PreparedInstance> {
  await completeOnSocket(socket, {
    method: 'POST',
    path: '/1.0/images',
    headers: { 'content-type': 'application/octet-stream' },
    body: createReadStream(path),
  })
  return { instance: 'web1', snapshot: 'release', fingerprint }
}
