import { operationId } from './operation-id.ts'

/**
 * The fingerprint of the image that an operation creates. `another`: it is certainly none that is sent at the same time, since each publish
 * makes a new image, and a program does not send one image twice at once.
 */
export type CreatedImage = string | 'another' | undefined

const creations = new Map<string, CreatedImage>()

/**
 * Remembers that this process waits for an operation that creates an image, until `ended` is settled: one whose waiting was given up
 * may hang. Ids are unique on all servers, so the clients of one server share what they know.
 *
 * @param image what is known of the image; undefined keeps what was known
 */
export function holdCreation(
  operation: string | undefined,
  image: CreatedImage,
  ended: Promise<unknown>,
): void {
  if (operation === undefined) return
  const id = operationId(operation)
  const forget = (): void => void creations.delete(id)
  creations.set(id, image ?? creations.get(id))
  ended.then(forget, forget)
}

/** Whether an operation of this process is known to create another image than that one. */
export function createsAnother(id: string, fingerprint: string | undefined): boolean {
  const image = creations.get(id)
  if (image === undefined || image === 'another') return image === 'another'
  return fingerprint !== undefined && image !== fingerprint
}

/** By the address of the target. */
const pushes = new Map<string, number>()

/**
 * Remembers that another server pushes an image to a server at this address, until `ended` is settled. The target has an operation
 * for it too, whose id is not reported.
 */
export function holdPush(origin: string, ended: Promise<unknown>): void {
  const count = (by: number): void => {
    const now = pushesTo(origin) + by
    if (now === 0) pushes.delete(origin)
    else pushes.set(origin, now)
  }
  count(1)
  const end = (): void => count(-1)
  ended.then(end, end)
}

/** How many images other servers push to that one for this process. */
export function pushesTo(origin: string): number {
  return pushes.get(origin) ?? 0
}
