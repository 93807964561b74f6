import * as v from 'valibot'
import { checkProperties } from '../arguments/image-attributes.ts'
import { ArgumentError } from '../errors/errors.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import type { Image } from '../model/image.ts'
import type { OperationHandle } from '../operations/operation-handle.ts'
import { type CreateImageOptions, createImage } from './create-image.ts'

/** Options of `images.createFromInstance` and `images.createFromSnapshot`. */
export interface PublishOptions extends CreateImageOptions {
  /** `none`, `gzip`, `bzip2`, `xz`, `zstd`, `lzma`, `squashfs`, also with arguments: `xz -9`. @default the server's setting */
  compression?: string | undefined
  /** One file or two; needs the extension `instance_publish_split`. */
  format?: 'unified' | 'split' | undefined
}

/**
 * Makes an image of an instance, which must be stopped.
 *
 * The image gets the properties of the instance's own image, and those given. Each call makes a new fingerprint, also
 * of the same content. Servers publish one at a time, and nothing cancels it.
 */
export function createFromInstance(
  connection: Connection,
  name: string,
  options: PublishOptions = {},
): Promise<OperationHandle<Image>> {
  return publish(connection, { type: 'instance', name: checkInstanceName(name, 'instance') }, name, options)
}

/** Makes an image of a snapshot; the instance may run. As {@link createFromInstance} otherwise. */
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
  return createImage(
    connection,
    {
      source,
      properties: { ...inherited, ...checkProperties(options.properties ?? {}) },
      fields: {
        ...(options.compression === undefined ? {} : { compression_algorithm: options.compression }),
        ...(options.format === 'split' ? { format: 'split' } : {}),
        ...(options.expiresAt === undefined ? {} : { expires_at: options.expiresAt.toISOString() }),
      },
      what: `publish ${source.type} "${source.name}"`,
    },
    options,
  )
}

const instanceSchema = v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) })

/**
 * LXD takes the properties of the request instead of the instance's, Incus adds them; with all of them in the request,
 * both end the same. Reading the instance first also tells an unknown one alike on both.
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
    `Cannot publish ${argument} ${JSON.stringify(name)}: that is no name of one`,
  )
}
