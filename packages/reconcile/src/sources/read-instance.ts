import { ArgumentError, type Client, HyperkitError, type Image, isHyperkitError } from '@hyperkit/core'
import * as v from 'valibot'
import { fingerprintToCome } from '../identity/fingerprint-to-come.ts'
import { isMarkOf, sourceMark, sourceProperty } from '../identity/source-mark.ts'
import { imageOn } from '../manifest/image-on.ts'
import type { PresentImage } from '../manifest/manifest.ts'
import type { InstanceSource } from '../manifest/source.ts'
import type { Content, PublishOrigin } from './content.ts'
import { findPublished, isPublishedBy } from './find-published.ts'
import type { SourceContext } from './source-context.ts'

export interface Published {
  image: PresentImage
  source: InstanceSource
  /** The server that publishes the image. */
  server: string
  /** The name of the manifest. */
  owner: string
}

/**
 * Finds the image that was published from an instance, or gives a placeholder for it. A snapshot is published once, and again
 * if it was created again under the same name. An instance is published once, and again only on request. A published image
 * stays valid after its instance is gone.
 */
export async function readInstance(
  { image, source, server, owner }: Published,
  { open, signal, republish = [] }: SourceContext,
): Promise<Content> {
  if (open === undefined) throw new Error('Reading this source needs "open"')
  const client = await open(server)
  const { instance, snapshot } = source
  const named = await findNamed(client, imageOn(image, server), signal)
  const isOurs = (mark: string | undefined): boolean => isMarkOf(mark, instance, snapshot)
  const original = await findOriginal(client, source, signal)
  const found =
    named !== undefined && isPublishedBy(named, owner, original === undefined ? isOurs : is(original))
      ? named
      : await findPublished(client, owner, original === undefined ? isOurs : is(original), signal)
  const mark = original ?? found?.properties[sourceProperty]
  if (mark === undefined)
    throw new HyperkitError(
      'not-found',
      `Cannot publish image "${image.name}": "${server}" has no ${snapshot === undefined ? `instance "${instance}"` : `snapshot "${instance}/${snapshot}"`}`,
      { server: client.name },
    )
  const again = republish.includes(image.name)
  if (found !== undefined && !again)
    return { fingerprint: found.fingerprint, size: found.size, origin: originOf(source, mark, false) }
  if (imageOn(image, server).expiresAt === undefined) await refuseExpired(client, image.name, source, signal)
  return { fingerprint: fingerprintToCome(server, mark), size: null, origin: originOf(source, mark, again) }
}

/**
 * Refuses to publish an image that would be expired from the start, already in the plan. The publication checks it again.
 *
 * @throws {ArgumentError} naming the inherited expiry
 */
async function refuseExpired(
  client: Client,
  name: string,
  { instance }: InstanceSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const expiry = await client.images.inheritedExpiry(instance, { signal })
  if (expiry === undefined || expiry.getTime() > Date.now()) return
  throw new ArgumentError(
    'expiresAt',
    `Cannot publish image "${name}": the image of instance "${instance}" on "${client.name}" expired at ${expiry.toISOString()}, and the new one would inherit that; give the image another "expiresAt"`,
    { server: client.name },
  )
}

function is(mark: string): (other: string | undefined) => boolean {
  return (other) => other === mark
}

function originOf(source: InstanceSource, mark: string, again: boolean): PublishOrigin {
  const { instance, snapshot = null, compression = null, format = null } = source
  return { kind: 'publish', instance, snapshot, compression, format, mark, again }
}

/** The image that one of the aliases points at: a lookup by name takes no list of all images. */
async function findNamed(
  client: Client,
  { aliases }: PresentImage,
  signal: AbortSignal | undefined,
): Promise<Image | undefined> {
  for (const { name } of aliases) {
    const alias = await client.aliases.find(name, { signal })
    if (alias !== undefined) return client.images.find(alias.target, { signal })
  }
  return undefined
}

const snapshotSchema = v.looseObject({ created_at: v.optional(v.string()) })

/** The mark of the instance or snapshot to publish; undefined if it does not exist. */
async function findOriginal(
  client: Client,
  { instance, snapshot }: InstanceSource,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const path = `/1.0/instances/${encodeURIComponent(instance)}`
  const wanted = snapshot === undefined ? path : `${path}/snapshots/${encodeURIComponent(snapshot)}`
  try {
    const { metadata } = await client.request({
      method: 'GET',
      path: wanted,
      action: 'read what to publish',
      signal,
    })
    const read = v.safeParse(snapshotSchema, metadata)
    const time = Date.parse((read.success ? read.output.created_at : undefined) ?? '')
    const createdAt = Number.isNaN(time) ? undefined : new Date(time)
    return sourceMark({ instance, snapshot, createdAt })
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}
