import { type Client, HyperkitError, type Operation } from '@hyperkit/core'
import { mayCreateImage } from '@hyperkit/core/parts'
import type { PublishImage } from '../documents/plan.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import type { PublishOrigin } from '../sources/content.ts'
import { findPublished } from '../sources/find-published.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { findExpiry } from './find-expiry.ts'
import { findFilename } from './find-filename.ts'
import { propertiesOf } from './properties-of.ts'
import { updateFields } from './update-fields.ts'

/**
 * Makes an image from an instance or a snapshot. Publishing the same again makes a different image, so an earlier one is
 * looked for first. The marks are sent with the request, so that the image has its owner and its source from the start.
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
      `Cannot publish image "${change.image}" on "${client.name}": the source that was planned is no longer known; plan again`,
      { server: client.name },
    )
  const fingerprint =
    (await findMade(client, change, origin, signal)) ?? (await publish(client, change, origin, options))
  await updateFields(client, { ...change, fingerprint, etag: null }, options)
  return fingerprint
}

/** The image that an earlier run published, even if that run did not wait for it: a server continues without its client. */
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
  const found = await find()
  if (found !== undefined || !(await waitForOthers(client, signal))) return found
  return find()
}

/** Milliseconds to wait for an operation without progress: it may be a download that has not started yet. */
const patience = 30_000

/** @returns whether there was an operation to wait for */
async function waitForOthers(client: Client, signal: AbortSignal): Promise<boolean> {
  // What this run does beside it, such as the upload of another image, is not the publish of an earlier run.
  const running = (await client.operations.list({ signal, ofOthers: true })).filter(mayPublish)
  // How they end does not matter, as the image is looked for afterwards. An abort of this run must not cancel them.
  const ends = running.map((operation) =>
    client.operations
      .wait(operation.id, isPacking(operation) ? {} : { timeout: patience })
      .catch(() => undefined),
  )
  signal.throwIfAborted()
  await Promise.race([
    Promise.all(ends),
    new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
  ])
  signal.throwIfAborted()
  return running.length > 0
}

/**
 * A publish that waits for another one has no metadata yet, and on LXD 6.8 and newer only the URL of its project and no progress.
 */
function mayPublish(operation: Operation): boolean {
  const known = Object.keys(operation.metadata).filter((key) => key !== 'entity_url')
  return mayCreateImage(operation) && (isPacking(operation) || known.length === 0)
}

/** The key is `…_from_container_pack_progress` in LXD up to 5.0 and Incus, `…_from_instance_pack_progress` in newer LXD. */
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
    expiresAt: findExpiry(fields),
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
