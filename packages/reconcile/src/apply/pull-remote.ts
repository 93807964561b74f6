import {
  type Client,
  FingerprintMismatchError,
  type Image,
  type Operation,
  type Progress,
} from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import type { DownloadImage } from '../documents/plan.ts'
import { readUsage } from '../observed/read-usage.ts'
import { creationProperty, writeNote } from '../ownership/creation-note.ts'
import { ownerProperty, readNames } from '../ownership/owner-property.ts'
import type { RemoteOrigin } from '../sources/content.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'
import { delayAbort } from './delay-abort.ts'
import { findFilename } from './find-filename.ts'
import { propertiesOf } from './properties-of.ts'
import { waitForPull } from './wait-for-pull.ts'

// Servers say at once which operation they have begun; without that nobody could cancel it, or name it.
const answerGrace = 5000

/**
 * Has the server download an image, by the alias of the manifest, so that it knows where newer versions are; a private
 * one by its fingerprint and secret. What arrives must be what was planned: the alias may name another image by now, and
 * servers remember for an hour what a simplestreams index said.
 */
export async function pullRemote(
  client: Client,
  { image, fingerprint, fields }: DownloadImage,
  origin: RemoteOrigin,
  { signal, onProgress, onWaiting, onWarning }: ApplyChangeOptions,
): Promise<void> {
  const { server, alias, project, type, access } = origin
  const properties = propertiesOf(fields)
  const owner = properties[ownerProperty] ?? ''
  const creationNote = writeNote({ owner, names: readNames(properties) }, fingerprint)
  const named = alias === null ? { fingerprint, secret: access.secret } : { alias, creationNote }
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
      // Whoever waits below wants it; LXD 6.8 and newer tell it only to those who listened before they were asked (T56).
      onProgress: () => undefined,
      onWarning,
      sync: false,
    })
    .finally(asking.stop)
  const operation = begun.id === undefined ? undefined : await readBegun(client, begun.id, signal)
  const arrived = await waitForPull(client, begun, {
    signal,
    what: `download image "${image}" to "${client.name}"`,
    source: server,
    onProgress: onProgress && wholeOnly(onProgress),
    onWaiting,
  })
  if (arrived.fingerprint === fingerprint) return
  const isGone = await removeStray(client, arrived, operation)
  throw new FingerprintMismatchError(
    `Cannot download image "${image}" to "${client.name}": alias "${alias}" of ${server} gave the server ${shortFingerprint(arrived.fingerprint)}, and ${shortFingerprint(fingerprint)} was planned; ${isGone ? 'it was deleted again, ' : ''}no alias was moved; plan again${origin.protocol === 'simplestreams' ? ', within an hour servers may still go by what the index said before' : ''}`,
    { server: client.name, expected: fingerprint, actual: arrived.fingerprint },
  )
}

/**
 * The target's own protocol, whichever kind the source is: they ask alike. LXD does not know the name of Incus' protocol, and
 * Incus 6.0.4 fails a download by an alias over `lxd` with "Invalid protocol: lxd" when it writes down the source.
 */
async function spokenProtocol(client: Client, { protocol }: RemoteOrigin): Promise<RemoteOrigin['protocol']> {
  const { dialect } = await client.server()
  return protocol === 'simplestreams' ? protocol : dialect.kind
}

/** Of a split image the metadata come first, whole in no time: a bar that jumps to its end would not be true. */
function wholeOnly(onProgress: (progress: Progress) => void): (progress: Progress) => void {
  return (progress) => {
    if (progress.stage !== 'metadata') onProgress(progress)
  }
}

async function readBegun(client: Client, id: string, signal: AbortSignal): Promise<Operation | undefined> {
  return client.operations.get(id, { signal }).catch(() => undefined)
}

/** Deletes what came by mistake, if it came by this very operation and nobody has taken it up since; else it is as it was. */
async function removeStray(
  client: Client,
  { fingerprint, uploadedAt }: Image,
  operation: Operation | undefined,
): Promise<boolean> {
  const began = operation?.createdAt?.getTime()
  // Servers tell the time of an upload in whole seconds.
  const isNew = began !== undefined && uploadedAt !== undefined && uploadedAt.getTime() >= began - 1000
  try {
    const now = isNew ? await client.images.find(fingerprint) : undefined
    const isTaken =
      now === undefined || now.aliases.length > 0 || Object.hasOwn(now.properties, ownerProperty)
    // What cannot be read now may be in use, as what is hidden may.
    const usage = isTaken ? undefined : await readUsage(client, undefined).catch(() => undefined)
    if (usage?.status === 'shown' && !usage.used.has(fingerprint)) {
      await client.images.delete(fingerprint)
      return true
    }
    await client.images.patch(fingerprint, { properties: { [creationProperty]: '' } })
    return false
  } catch {
    return false
  }
}
