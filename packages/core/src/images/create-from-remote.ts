import { checkAliasName } from '../arguments/alias-name.ts'
import { checkFingerprint, isWholeFingerprint } from '../arguments/fingerprint.ts'
import { checkProperties, type ImageProperties } from '../arguments/image-attributes.ts'
import { ArgumentError, UnsupportedError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import { registryExtension, withoutRegistries } from '../http/require-registries.ts'
import type { Dialect } from '../model/dialect.ts'
import { tellRegistryImage } from '../model/docker-hub.ts'
import type { Image, ImageType } from '../model/image.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { type CreateImageOptions, checkUrl, createImage } from './create-image.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'
import { applyAttributes } from './image-attributes.ts'

/** The protocol between the downloading server and the other one; only Incus knows `incus`. */
export type RemoteProtocol = 'lxd' | 'incus' | 'simplestreams' | 'oci'

/** The image on the other server, by an alias or by a fingerprint, never both. */
export type RemoteImage =
  | { alias: string; fingerprint?: undefined; secret?: undefined }
  | { alias?: undefined; fingerprint: string; secret?: string | undefined }

/** Options of `images.createFromRemote`: which image, how to reach its server, and the attributes of the new image. */
export type CreateFromRemoteOptions = CreateImageOptions &
  RemoteImage & {
    /**
     * `lxd` and `incus` are the same protocol, and an Incus server is sent `incus` for either: with `lxd` and an alias it downloads
     * the image and then fails to record the source. `oci` is that of registries of OCI images, and needs the extension `instance_oci`: the
     * alias is `library/alpine:3.20` or `library/alpine@sha256:…`, and the server trusts the registry by its own authorities.
     * @default the server's own kind
     */
    protocol?: RemoteProtocol | undefined
    /** The certificate of that server in PEM, if the system of the downloading server does not trust it. */
    certificate?: string | undefined
    /** Chooses one if an alias points at a container and at a virtual machine. */
    imageType?: ImageType | undefined
    /** The project on the other server. @default `default` */
    sourceProject?: string | undefined
    /**
     * The value of the property `hyperkit.creation`, which an image that is asked for by an alias has from the beginning, so that it can
     * be found again after an interrupted run. The property stays; the caller removes it, also from an image that was there before.
     * @default no such property: this call finds the image again by its source
     */
    creationNote?: string | undefined
  }

/**
 * Makes the server download an image from another one, which treats it as a stranger: a private image needs a secret, and a secret
 * needs the fingerprint.
 *
 * If the server has the image already, only the given attributes change, and the filename, which servers reset. With a whole
 * fingerprint nothing is downloaded then. LXD 5.0 keeps the source's filename of an image that is asked for by its alias without
 * `filename` and `creationNote`; other servers leave the filename empty unless one is given.
 *
 * @param address URL
 * @throws {ArgumentError} `image-identifier-required`, `invalid-protocol`
 */
export async function createFromRemote(
  connection: Connection,
  address: string,
  options: CreateFromRemoteOptions,
): Promise<OperationHandle<Image>> {
  const call = { signal: options.signal, project: options.project }
  const fingerprint = checkIdentifier(options)
  const { dialect } = await connection.server(call)
  if (options.protocol === 'oci') await checkRegistry(connection, address, options, call)
  const protocol = checkProtocol(connection, dialect, options.protocol)
  const { server, alias = options.alias } =
    options.protocol === 'oci' && options.alias !== undefined
      ? tellRegistryImage({ server: address, alias: options.alias })
      : { server: address }
  checkUrl(server, 'server', protocol === 'simplestreams' ? ['https:', 'http:'] : ['https:'])
  const whole = fingerprint !== undefined && isWholeFingerprint(fingerprint) ? fingerprint : undefined
  if (
    whole !== undefined &&
    (await findImage(connection, whole, call)) &&
    (await hasContent(connection, whole, call))
  ) {
    return operationHandle(connection, undefined, call, () =>
      applyAttributes(connection, whole, options, call),
    )
  }
  return createImage(
    connection,
    {
      source: {
        type: 'image',
        mode: 'pull',
        server,
        protocol,
        ...(fingerprint === undefined ? { alias } : { fingerprint }),
        ...(options.secret === undefined ? {} : { secret: options.secret }),
        ...(options.certificate === undefined || protocol === 'oci'
          ? {}
          : { certificate: options.certificate }),
        ...(options.imageType === undefined ? {} : { image_type: options.imageType }),
        ...(options.sourceProject === undefined ? {} : { project: options.sourceProject }),
      },
      what: `download image ${JSON.stringify(alias ?? fingerprint)} of ${server}`,
      byAlias: fingerprint === undefined,
      fingerprint: whole,
      // Sent at once if the fingerprint is known, so that an interrupted run leaves the image with them. An alias may lead to an
      // image that is there already and belongs to somebody else.
      ...(whole === undefined ? {} : { properties: withoutEmpty(options.properties) }),
      mayExist: true,
      note: options.creationNote,
      from: whole === undefined ? { server, alias: alias ?? fingerprint ?? '' } : undefined,
    },
    options,
  )
}

/** What a registry, or its kind of images, does not have. */
async function checkRegistry(
  connection: Connection,
  server: string,
  { alias, fingerprint, imageType }: CreateFromRemoteOptions,
  call: CallOptions,
): Promise<void> {
  const what = `download image ${JSON.stringify(alias ?? fingerprint)} of ${server}`
  if (fingerprint !== undefined)
    throw new ArgumentError(
      'fingerprint',
      `Cannot ${what} by its fingerprint: a registry knows its images by tags and digests, such as "library/alpine:3.20" or "library/alpine@sha256:…"`,
    )
  checkRegistryUrl(server)
  await requireExtension(connection, registryExtension, what, call, () => withoutRegistries)
  if (imageType === 'virtual-machine')
    throw new UnsupportedError(
      `Cannot ${what} on "${connection.name}" as a virtual machine: images of registries are of containers only`,
      { server: connection.name },
    )
}

function checkRegistryUrl(server: string): void {
  const { username = '', password = '', host = '' } = URL.canParse(server) ? new URL(server) : {}
  if (username === '' && password === '') return
  throw new ArgumentError(
    'server',
    `Cannot download from ${host} with credentials in its address: the server would store them, and show them to everybody who sees the image; leave them out, and log in on the machine of the server with "skopeo login"`,
  )
}

function withoutEmpty(properties: ImageProperties = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(checkProperties(properties)).filter(([, value]) => value !== ''))
}

function checkIdentifier(options: CreateFromRemoteOptions): string | undefined {
  const {
    alias,
    fingerprint,
    secret,
  }: { alias?: string | undefined; fingerprint?: string | undefined; secret?: string | undefined } = options
  if (alias !== undefined && fingerprint !== undefined) {
    throw new ArgumentError(
      'fingerprint',
      'Cannot download an image by alias and by fingerprint at once: give one of them',
    )
  }
  if (!alias && !fingerprint) {
    throw new ArgumentError(
      'alias',
      'Cannot download an image without a reference: give an alias or a fingerprint',
      {
        code: 'image-identifier-required',
      },
    )
  }
  if (alias && secret !== undefined) {
    throw new ArgumentError(
      'secret',
      'Cannot download a private image by its alias: a secret works with the fingerprint only',
    )
  }
  if (alias) checkAliasName(alias, 'alias')
  return fingerprint ? checkFingerprint(fingerprint) : undefined
}

function checkProtocol(
  connection: Connection,
  dialect: Dialect,
  protocol: RemoteProtocol | undefined,
): string {
  const [own = dialect.kind] = dialect.pullProtocols
  if (protocol === undefined) return own
  if (protocol === 'oci') return protocol
  if (dialect.pullProtocols.includes(protocol)) return protocol === 'simplestreams' ? protocol : own
  throw new ArgumentError(
    'protocol',
    `Cannot download with protocol ${JSON.stringify(protocol)} on "${connection.name}": it supports ${dialect.pullProtocols.join(', ')}`,
    {
      code: 'invalid-protocol',
      server: connection.name,
    },
  )
}
