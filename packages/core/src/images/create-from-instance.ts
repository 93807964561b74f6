import * as v from 'valibot'
import { checkProperties, formatExpiry } from '../arguments/image-attributes.ts'
import { ArgumentError } from '../errors/errors.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import type { Image } from '../model/image.ts'
import type { OperationHandle } from '../operations/operation-handle.ts'
import { type CreateImageOptions, createImage } from './create-image.ts'
import { refuseExpired } from './inherited-expiry.ts'

/** Options of `images.createFromInstance` and `images.createFromSnapshot`. */
export interface PublishOptions extends Omit<CreateImageOptions, 'expiresAt'> {
  /** `null` for no expiry. @default that of the instance's own image */
  expiresAt?: Date | null | undefined
  /** `none`, `gzip`, `bzip2`, `xz`, `zstd`, `lzma` or `squashfs`, optionally with arguments: `xz -9`. @default the server's setting */
  compression?: string | undefined
  /** One file or two; `split` needs the extension `instance_publish_split`. */
  format?: 'unified' | 'split' | undefined
}

/**
 * Makes an image of an instance, which must be stopped.
 *
 * The image gets the properties of the instance's own image and the given ones. Each call gives a new fingerprint, even for the same
 * content. Servers publish one instance at a time, and nothing cancels that. Without `expiresAt` the image inherits the expiry of the
 * instance's own image; if that is over, nothing is published.
 *
 * @throws {ArgumentError} if the image would be expired from the start
 */
export function createFromInstance(
  connection: Connection,
  name: string,
  options: PublishOptions = {},
): Promise<OperationHandle<Image>> {
  return publish(connection, { type: 'instance', name: checkInstanceName(name, 'instance') }, name, options)
}

/** Makes an image of a snapshot, like {@link createFromInstance}; the instance may be running. */
export function createFromSnapshot(
  connection: Connection,
  instance: string,
  snapshot: string,
  options: PublishOptions = {},
): Promise<OperationHandle<Image>> {
  const name = `${checkInstanceName(instance, 'instance')}/${checkInstanceName(snapshot, 'snapshot')}`
  return publish(connection, { type: 'snapshot', name }, instance, options)
}

async function publish(
  connection: Connection,
  source: { type: 'instance' | 'snapshot'; name: string },
  instance: string,
  options: PublishOptions,
): Promise<OperationHandle<Image>> {
  const call = { signal: options.signal, project: options.project }
  if (options.format === 'split')
    await requireExtension(connection, 'instance_publish_split', 'publish a split image', call)
  const inherited = await inheritedProperties(connection, instance, call)
  const what = `publish ${source.type} "${source.name}"`
  if (options.expiresAt === undefined) await refuseExpired(connection, instance, what, call)
  return createImage(
    connection,
    {
      source,
      properties: { ...inherited, ...checkProperties(options.properties ?? {}) },
      fields: {
        ...(options.compression === undefined ? {} : { compression_algorithm: options.compression }),
        ...(options.format === 'split' ? { format: 'split' } : {}),
        ...(options.expiresAt === undefined ? {} : { expires_at: formatExpiry(options.expiresAt) }),
      },
      what,
    },
    { ...options, expiresAt: options.expiresAt ?? undefined },
  )
}

const instanceSchema = v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) })

/**
 * LXD replaces the instance's properties with those of the request, and Incus merges them. With all of them in the request, both give
 * the same result. Reading the instance first also gives the same error for an unknown one on both.
 */
async function inheritedProperties(
  connection: Connection,
  instance: string,
  call: { signal?: AbortSignal | undefined; project?: string | undefined },
): Promise<Record<string, string>> {
  const { value } = await connection.read(instanceSchema, {
    method: 'GET',
    path: `/1.0/instances/${encodeURIComponent(instance)}`,
    action: `publish instance "${instance}"`,
    ...call,
  })
  const entries = Object.entries(value.config ?? {}).filter(([key]) => key.startsWith('image.'))
  return Object.fromEntries(entries.map(([key, text]) => [key.slice('image.'.length), text]))
}

function checkInstanceName(name: string, argument: string): string {
  if (typeof name === 'string' && /^[^/\\?#%\s]{1,128}$/.test(name) && name !== '.' && name !== '..')
    return name
  throw new ArgumentError(
    argument,
    `Cannot publish ${argument} ${JSON.stringify(name)}: that is not a valid name`,
  )
}
