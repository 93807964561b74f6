import { type Client, HyperkitError, type Operation } from '@hyperkit/core'
import type { PublishImage } from '../documents/plan.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import type { PublishOrigin } from '../sources/content.ts'
import { findPublished } from '../sources/find-published.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { findFilename } from './find-filename.ts'
import { propertiesOf } from './properties-of.ts'
import { updateFields } from './update-fields.ts'

/**
 * Makes an image of an instance or a snapshot. Each publish of the same makes another image, so this one is looked for
 * first; its marks are sent with the request, so that it can be told at every moment whose it is and what it was made of.
 *
 * @returns its fingerprint
 */
export async function publishContent(
  client: Client,
  change: PublishImage,
  options: CreationOptions,
): Promise<string> {
  const { origin, signal } = options
  if (origin?.kind !== 'publish')
    throw new HyperkitError(
      'invalid-argument',
      `Cannot publish image "${change.image}" on "${client.name}": the source of the plan is not known any more; plan again`,
      { server: client.name },
    )
  const fingerprint =
    (await findMade(client, change, origin, signal)) ?? (await publish(client, change, origin, options))
  await updateFields(client, { ...change, fingerprint, etag: null }, options)
  return fingerprint
}

/** What a run before this one published, to its end or not: a server goes on with it when its client is gone. */
async function findMade(
  client: Client,
  { fields }: PublishImage,
  { mark, again }: PublishOrigin,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (again) return undefined
  const owner = propertiesOf(fields)[ownerProperty] ?? ''
  const find = async (): Promise<string | undefined> =>
    (await findPublished(client, owner, (other) => other === mark, signal))?.fingerprint
  const isToFind = await find()
  if (isToFind !== undefined || !(await waitForOthers(client, signal))) return isToFind
  return find()
}

/** A server that only downloads says nothing yet in its first moments either. */
const patience = 30_000

/** @returns whether there was something to wait for */
async function waitForOthers(client: Client, signal: AbortSignal): Promise<boolean> {
  const running = (await client.operations.list({ signal })).filter(mayPublish)
  for (const operation of running) {
    const limit = isPacking(operation) ? {} : { timeout: patience }
    // However it ends: whether the image is there is looked at afterwards. Not to be cancelled with this run.
    await Promise.race([
      client.operations.wait(operation.id, limit).catch(() => undefined),
      new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    ])
    signal.throwIfAborted()
  }
  return running.length > 0
}

/**
 * All that makes an image is called so; a publish that waits for another one has no metadata yet, and one of LXD 6.8 and newer has the URL of its
 * project and no progress.
 */
function mayPublish({ state, description, metadata }: Operation): boolean {
  const isOpen = state === 'running' || state === 'pending'
  const told = Object.keys(metadata).filter((key) => key !== 'entity_url')
  return isOpen && description === 'Downloading image' && (isPacking({ metadata }) || told.length === 0)
}

/** `…_from_container_pack_progress` up to LXD 5.0 and of Incus, `…_from_instance_pack_progress` of newer LXD. */
function isPacking({ metadata }: Pick<Operation, 'metadata'>): boolean {
  return Object.keys(metadata).some((key) => /^create_image_from_(container|instance)/.test(key))
}

async function publish(
  client: Client,
  { fields }: PublishImage,
  { instance, snapshot, compression, format }: PublishOrigin,
  { signal, onProgress, onWarning }: CreationOptions,
): Promise<string> {
  const filename = findFilename(fields)
  const options = {
    properties: propertiesOf(fields),
    ...(filename === undefined ? {} : { filename }),
    ...(compression === null ? {} : { compression }),
    ...(format === null ? {} : { format }),
    signal,
    onProgress,
    onWarning,
  }
  const image =
    snapshot === null
      ? await client.images.createFromInstance(instance, options)
      : await client.images.createFromSnapshot(instance, snapshot, options)
  return image.fingerprint
}
