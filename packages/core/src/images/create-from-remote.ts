import { checkAliasName } from '../arguments/alias-name.ts'
import { checkFingerprint, isWholeFingerprint } from '../arguments/fingerprint.ts'
import { checkProperties, type ImageProperties } from '../arguments/image-attributes.ts'
import { ArgumentError } from '../errors/errors.ts'
import type { Connection } from '../http/connection.ts'
import type { Dialect } from '../model/dialect.ts'
import type { Image, ImageType } from '../model/image.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { type CreateImageOptions, checkUrl, createImage } from './create-image.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'
import { applyAttributes } from './image-attributes.ts'

/** How the server that downloads speaks to the other one. `incus` is for Incus only. */
export type RemoteProtocol = 'lxd' | 'incus' | 'simplestreams'

/** Names the image on its server: by an alias or by a fingerprint, never both. */
export type RemoteImage =
  | { alias: string; fingerprint?: undefined; secret?: undefined }
  | { alias?: undefined; fingerprint: string; secret?: string | undefined }

/** Options of `images.createFromRemote`: which image, how its server is spoken to, and what the new image is to have. */
export type CreateFromRemoteOptions = CreateImageOptions &
  RemoteImage & {
    /**
     * `lxd` and `incus` speak alike, and an Incus server is asked for `incus` in either case: asked for `lxd` with an alias, it
     * downloads the image and fails when it writes down the source.
     * @default the server's own kind
     */
    protocol?: RemoteProtocol | undefined
    /** Certificate of that server, PEM, where the system of the server that downloads does not trust it. */
    certificate?: string | undefined
    /** Where one alias names a container and a virtual machine. */
    imageType?: ImageType | undefined
    /** The project there. @default `default` */
    sourceProject?: string | undefined
    /**
     * The value of property `hyperkit.creation`, which an image asked for by an alias has from its first moment: a run that is
     * interrupted finds it again by that. It stays; taking it off is the caller's, also from an image that was there before.
     * @default no such property: this call finds the image again by its source
     */
    creationNote?: string | undefined
  }

/**
 * Has the server download an image from another one, which sees it as anybody: what is private needs a secret, and a
 * secret needs the fingerprint.
 *
 * Where the server has the image, only what is named here changes (and its filename: servers reset that); with a whole
 * fingerprint nothing is downloaded then. LXD 5.0 keeps the source's filename of an image that is asked for by its alias and
 * without `filename` and `creationNote`; other servers leave it empty where none is given.
 *
 * @param server URL
 * @throws {ArgumentError} `image-identifier-required`, `invalid-protocol`
 */
export async function createFromRemote(
  connection: Connection,
  server: string,
  options: CreateFromRemoteOptions,
): Promise<OperationHandle<Image>> {
  const call = { signal: options.signal, project: options.project }
  const fingerprint = checkIdentifier(options)
  const { dialect } = await connection.server(call)
  const protocol = checkProtocol(connection, dialect, options.protocol)
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
        ...(fingerprint === undefined ? { alias: options.alias } : { fingerprint }),
        ...(options.secret === undefined ? {} : { secret: options.secret }),
        ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
        ...(options.imageType === undefined ? {} : { image_type: options.imageType }),
        ...(options.sourceProject === undefined ? {} : { project: options.sourceProject }),
      },
      what: `download image ${JSON.stringify(options.alias ?? fingerprint)} of ${server}`,
      byAlias: fingerprint === undefined,
      fingerprint: whole,
      // At once where it is known to be this image: a run that ends before the next request leaves nobody else's behind. What
      // an alias gives may be an image that is there already, and somebody else's.
      ...(whole === undefined ? {} : { properties: withoutEmpty(options.properties) }),
      mayExist: true,
      note: options.creationNote,
      from: whole === undefined ? { server, alias: options.alias ?? fingerprint ?? '' } : undefined,
    },
    options,
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
      'Cannot download an image without its name: give an alias or a fingerprint',
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
  if (dialect.pullProtocols.includes(protocol)) return protocol === 'simplestreams' ? protocol : own
  throw new ArgumentError(
    'protocol',
    `Cannot download by protocol ${JSON.stringify(protocol)} on "${connection.name}": it knows ${dialect.pullProtocols.join(', ')}`,
    {
      code: 'invalid-protocol',
      server: connection.name,
    },
  )
}
