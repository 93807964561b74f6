import { type Client, isHyperkitError, type Operation } from '@hyperkit/core'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { isMark, ownerProperty } from '../ownership/owner-property.ts'
import type { UploadNote } from './upload-notes.ts'

/** Milliseconds for an image that the server may still be storing. */
const patience = 30_000

/** What killed runs of a manifest have left on a server. */
export interface LeftTokens {
  /** Images that may be there without an owner, although no token names them any more. */
  named: readonly UploadNote[]
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
): Promise<Omit<LeftTokens, 'named'>> {
  const open = (await client.operations.list({ signal })).filter(isOpen)
  return {
    tokens: open.filter(
      (operation) => operation.class === 'token' && propertiesOf(operation)[ownerProperty] === manifest,
    ),
    uploads: open.filter(({ description }) => description === 'Downloading image'),
  }
}

/**
 * Settles what killed runs of a manifest have left on a server: an image without an owner gets the marks of its token, or of what else
 * names it, and the token is cancelled. So the image belongs to the manifest although its source may have changed since.
 */
export async function settleTokens(
  client: Client,
  { named, tokens, uploads }: LeftTokens,
  signal: AbortSignal,
): Promise<void> {
  if (tokens.length + named.length === 0) return
  await waitForUploads(client, uploads, signal)
  for (const note of named) await claim(client, note, signal)
  for (const token of tokens) {
    await claim(client, noteOf(token), signal)
    try {
      await client.operations.cancel(token.id, { signal })
    } catch (error) {
      // It is gone, as the run that it belongs to may still be working, or this client may not cancel it.
      if (!isHyperkitError(error)) throw error
    }
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

/** The server goes on with an upload whose client was killed after the last byte. */
async function waitForUploads(
  client: Client,
  uploads: readonly Operation[],
  signal: AbortSignal,
): Promise<void> {
  // How it ends does not matter. It belongs to another client, so an abort of this run must not cancel it.
  for (const { id } of uploads) {
    signal.throwIfAborted()
    await Promise.race([
      client.operations.wait(id, { timeout: patience }).catch(() => undefined),
      new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    ])
  }
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
async function claim(client: Client, note: UploadNote | undefined, signal: AbortSignal): Promise<void> {
  const image = note && (await client.images.find(note.fingerprint, { signal }))
  if (!image || image.cached || image.aliases.some(({ name }) => !isLockAlias(name))) return
  if (Object.keys(image.properties).some(isMark)) return
  const properties = { ...image.properties, ...note.marks }
  await client.images.update(image.fingerprint, { properties }, { signal, ifMatch: image.etag })
}
