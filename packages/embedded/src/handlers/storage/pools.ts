import type { ServerContext } from '../../call/context.ts'

/** A storage pool, of which only the space matters here. */
export interface Pool {
  name: string
  /** Bytes. */
  total: number
  used: number
}

/** Of the pool beside the images, which all servers have. */
const hostDisk = 2 ** 40

/** The pools of a server: one on the disk of its host, and that of the volume for images. */
export function poolsOf({ images, imageStore }: ServerContext): Pool[] {
  const used = images.values().reduce((sum, { size }) => sum + size, 0)
  const host = { name: 'default', total: hostDisk, used: imageStore === undefined ? used : 0 }
  return imageStore === undefined ? [host] : [host, { name: imageStore.pool, total: imageStore.size, used }]
}
