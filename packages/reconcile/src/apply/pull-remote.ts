import { type Client, FingerprintMismatchError, type Operation, type Progress } from '@hyperkit/core'
import { holdCreation, shortFingerprint } from '@hyperkit/core/parts'
import type { DownloadImage } from '../documents/plan.ts'
import { writeCreationMark } from '../ownership/creation-mark.ts'
import { ownerProperty, readNames } from '../ownership/owner-property.ts'
import type { RemoteOrigin } from '../sources/content.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { delayAbort } from './delay-abort.ts'
import { findFilename } from './find-filename.ts'
import { propertiesOf } from './properties-of.ts'
import { removeStray } from './remove-stray.ts'
import { waitForPull } from './wait-for-pull.ts'

// Servers answer at once with the operation that they have started; without it, it could not be cancelled or named.
const answerGrace = 5000

/**
 * Has the server download an image by the alias in the manifest, so that the server knows where newer versions are, or a
 * private image by its fingerprint and secret. The image that arrives must be the planned one: the alias may point at another image
 * by now, and servers use a simplestreams index for up to an hour.
 */
export async function pullRemote(
  client: Client,
  { image, fingerprint, fields }: DownloadImage,
  origin: RemoteOrigin,
  options: CreationOptions,
): Promise<void> {
  const { signal, onProgress, onWaiting, onWarning } = options
  const { server, alias, project, type, access } = origin
  const properties = propertiesOf(fields)
  const owner = properties[ownerProperty] ?? ''
  const creationNote = writeCreationMark({ owner, names: readNames(properties) }, fingerprint)
  const named =
    alias === null
      ? { fingerprint, secret: access.secret }
      : { alias: nameOf(alias, origin, fields), creationNote }
  const protocol = await spokenProtocol(client, origin)
  signal.throwIfAborted()
  const asking = delayAbort(signal, answerGrace)
  const begun = await client.images
    .createFromRemote(server, {
      ...named,
      protocol,
      ...(access.certificate === undefined ? {} : { certificate: access.certificate }),
      ...(project === null ? {} : { sourceProject: project }),
      ...(type === null ? {} : { imageType: type }),
      filename: findFilename(fields),
      signal: asking.signal,
      // `waitForPull` needs progress, and LXD 6.8 and newer send it only to clients that listened before the request (T56).
      onProgress: () => undefined,
      onWarning,
      sync: false,
    })
    .finally(asking.stop)
  const operation = begun.id === undefined ? undefined : await readBegun(client, begun.id, signal)
  const ended = waitForPull(client, begun, {
    signal,
    what: `download image "${image}" to "${client.name}"`,
    source: server,
    onProgress: onProgress && wholeOnly(onProgress),
    onWaiting,
  })
  // The call that asked for an alias does not know the image.
  holdCreation(begun.id, fingerprint, ended)
  const arrived = await ended
  if (arrived.fingerprint === fingerprint) return
  const isGone = await removeStray(client, arrived, operation, options)
  throw new FingerprintMismatchError(
    `Cannot download image "${image}" to "${client.name}": alias "${alias}" of ${server} gave the server ${shortFingerprint(arrived.fingerprint)}, but ${shortFingerprint(fingerprint)} was planned; ${isGone ? 'it was deleted again, and ' : ''}no alias was moved; plan again${origin.protocol === 'simplestreams' ? ' (servers may use an older index for up to an hour)' : ''}`,
    { server: client.name, expected: fingerprint, actual: arrived.fingerprint },
  )
}

/**
 * The protocol of the target's own kind, whatever kind the source is, as both send the same requests. LXD does not know the name
 * of Incus' protocol, and Incus 6.0.4 fails a download by an alias over `lxd` with "Invalid protocol: lxd" when it records the
 * source.
 */
async function spokenProtocol(client: Client, { protocol }: RemoteOrigin): Promise<RemoteOrigin['protocol']> {
  const { dialect } = await client.server()
  return protocol === 'simplestreams' || protocol === 'oci' ? protocol : dialect.kind
}

/**
 * The digest of an image of a registry that was planned, so that a tag that moves meanwhile changes nothing; but the tag if the server is to
 * look for newer versions itself.
 */
function nameOf(alias: string, { pinned }: RemoteOrigin, fields: DownloadImage['fields']): string {
  const followsTag = fields.some((each) => each.field === 'autoUpdate' && each.after)
  return pinned === undefined || followsTag ? alias : pinned
}

/** Without the metadata of a split image, which come first and at once: a bar that jumps to its end would be misleading. */
function wholeOnly(onProgress: (progress: Progress) => void): (progress: Progress) => void {
  return (progress) => {
    if (progress.stage !== 'metadata') onProgress(progress)
  }
}

async function readBegun(client: Client, id: string, signal: AbortSignal): Promise<Operation | undefined> {
  return client.operations.get(id, { signal }).catch(() => undefined)
}
