import { type Client, isHyperkitError, type Operation } from '@hyperkit/core'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { isMark, ownerProperty } from '../ownership/owner-property.ts'

/** Milliseconds for an image that the server may still be storing. */
const patience = 30_000

/** What killed runs of a manifest have left on a server. */
export interface LeftTokens {
  /** Their push tokens. */
  tokens: Operation[]
  /** Uploads and downloads that the server still works on. */
  uploads: Operation[]
}

/** Finds the push tokens that runs of a manifest have on a server: those of killed ones, if no other run works there. */
export async function findTokens(client: Client, manifest: string, signal: AbortSignal): Promise<LeftTokens> {
  const open = (await client.operations.list({ signal })).filter(isOpen)
  return {
    tokens: open.filter(
      (operation) => operation.class === 'token' && propertiesOf(operation)[ownerProperty] === manifest,
    ),
    uploads: open.filter(({ description }) => description === 'Downloading image'),
  }
}

/**
 * Settles push tokens that killed runs of a manifest have left on a server: an image without an owner gets the marks of its token,
 * and the token is cancelled. So the image belongs to the manifest although its source may have changed since.
 */
export async function settleTokens(
  client: Client,
  { tokens, uploads }: LeftTokens,
  signal: AbortSignal,
): Promise<void> {
  if (tokens.length === 0) return
  await waitForUploads(client, uploads, signal)
  for (const token of tokens) {
    await claim(client, token, signal)
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

/** Only an image that nobody has named or owns by now is taken for that of the token. */
async function claim(client: Client, token: Operation, signal: AbortSignal): Promise<void> {
  const fingerprint = fingerprintOfToken(token)
  const image = fingerprint && (await client.images.find(fingerprint, { signal }))
  if (!image || image.aliases.some(({ name }) => !isLockAlias(name))) return
  if (Object.keys(image.properties).some(isMark)) return
  const marks = Object.entries(propertiesOf(token)).filter(
    ([key, value]) => isMark(key) && typeof value === 'string',
  )
  const properties = { ...image.properties, ...(Object.fromEntries(marks) as Record<string, string>) }
  await client.images.update(image.fingerprint, { properties }, { signal, ifMatch: image.etag })
}
