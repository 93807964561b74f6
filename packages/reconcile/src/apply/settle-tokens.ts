import { type Client, isHyperkitError, type Operation } from '@hyperkit/core'
import type { UpdateImage } from '../documents/plan.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { isMark, ownerProperty, readNames } from '../ownership/owner-property.ts'
import { isSilent } from './is-silent.ts'
import type { UploadNote } from './upload-notes.ts'

/** Milliseconds for an image that the server may still be storing. */
const patience = 30_000

/** What killed runs of a manifest have left on a server. */
export interface LeftTokens {
  /** Images that may be there without an owner, although no token names them any more. */
  noted: readonly UploadNote[]
  /** Their push tokens. */
  tokens: Operation[]
  /** Uploads and downloads that the server still works on. */
  uploads: Operation[]
}

/** Finds the push tokens that runs of a manifest have on a server: those of killed ones, if no other run works there. */
export async function findTokens(
  client: Client,
  manifest: string,
  signal: AbortSignal,
): Promise<Omit<LeftTokens, 'noted'>> {
  const open = (await client.operations.list({ signal })).filter(isOpen)
  return {
    tokens: open.filter(
      (operation) => operation.class === 'token' && propertiesOf(operation)[ownerProperty] === manifest,
    ),
    uploads: open.filter(({ description }) => description === 'Downloading image'),
  }
}

/**
 * Settles what killed runs of a manifest have left on a server: an image without an owner gets the marks of its token or note, and the
 * token is cancelled. So the image belongs to the manifest although its source may have changed since. An image that does not get its marks keeps its
 * token for the next run, and the others are settled.
 *
 * @param update makes a change, and throws if it was not made
 * @throws the first failure, when the others are settled
 */
export async function settleTokens(
  client: Client,
  { noted, tokens, uploads }: LeftTokens,
  { signal, update }: { signal: AbortSignal; update(change: UpdateImage): Promise<void> },
): Promise<void> {
  const claim = async (note: UploadNote | undefined): Promise<void> => {
    const change = note && (await findClaim(client, note, signal))
    if (change !== undefined) await update(change)
  }
  const left = [...noted, ...tokens.flatMap((token) => noteOf(token) ?? [])]
  if (uploads.length > 0 && (await isMissing(client, left, signal)))
    await waitForUploads(client, uploads, signal)
  const failures: unknown[] = []
  const settle = async (task: () => Promise<void>): Promise<void> => {
    try {
      await task()
    } catch (error) {
      if (signal.aborted || isSilent(error)) throw error
      failures.push(error)
    }
  }
  for (const note of noted) await settle(() => claim(note))
  for (const token of tokens)
    await settle(async () => {
      await claim(noteOf(token))
      await cancel(client, token, signal)
    })
  if (failures.length > 0) throw failures[0]
}

async function cancel(client: Client, token: Operation, signal: AbortSignal): Promise<void> {
  try {
    await client.operations.cancel(token.id, { signal })
  } catch (error) {
    // It is gone, as the run that it belongs to may still be working, or this client may not cancel it.
    if (!isHyperkitError(error)) throw error
  }
}

/** The fingerprint of the image that a token is for. */
export function fingerprintOfToken({ resources }: Operation): string | undefined {
  return /\/images\/([0-9a-f]{64})/.exec(resources.images?.[0] ?? '')?.[1]
}

function isOpen({ state }: Operation): boolean {
  return state === 'running' || state === 'pending'
}

function propertiesOf({ metadata }: Operation): Record<string, unknown> {
  const { properties } = metadata
  return typeof properties === 'object' && properties !== null ? { ...properties } : {}
}

/** Whether one of the images is not there, so that the server may still be storing it. */
async function isMissing(
  client: Client,
  notes: readonly UploadNote[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const { fingerprint } of notes)
    if ((await client.images.find(fingerprint, { signal })) === undefined) return true
  return false
}

/** The server goes on with an upload whose client was killed after the last byte. */
async function waitForUploads(
  client: Client,
  uploads: readonly Operation[],
  signal: AbortSignal,
): Promise<void> {
  // How they end does not matter. They belong to other clients, so an abort of this run must not cancel them.
  const ends = uploads.map(({ id }) =>
    client.operations.wait(id, { timeout: patience }).catch(() => undefined),
  )
  signal.throwIfAborted()
  await Promise.race([
    Promise.all(ends),
    new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
  ])
  signal.throwIfAborted()
}

function noteOf(token: Operation): UploadNote | undefined {
  const fingerprint = fingerprintOfToken(token)
  const marks = Object.entries(propertiesOf(token)).filter(
    (entry): entry is [string, string] => isMark(entry[0]) && typeof entry[1] === 'string',
  )
  return fingerprint === undefined ? undefined : { fingerprint, marks: Object.fromEntries(marks) }
}

/** Only an image that nobody has named or owns by now is taken for the one that a killed run has left. */
async function findClaim(
  client: Client,
  { fingerprint, marks }: UploadNote,
  signal: AbortSignal,
): Promise<UpdateImage | undefined> {
  const image = await client.images.find(fingerprint, { signal })
  if (!image || image.cached || image.aliases.some(({ name }) => !isLockAlias(name))) return undefined
  if (Object.keys(image.properties).some(isMark)) return undefined
  return {
    action: 'update-image',
    image: readNames(marks)[0] ?? fingerprint,
    fingerprint,
    etag: image.etag ?? null,
    fields: Object.entries(marks).map(([key, after]) => ({ field: 'property', key, before: null, after })),
  }
}
