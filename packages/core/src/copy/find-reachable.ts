import type { Client } from '../client.ts'
import { OperationError, TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { isFinished } from '../model/operation.ts'
import { saysThat } from '../model/server-words.ts'
import type { Offer } from './copy-source.ts'

interface Trial {
  /** The beginning of the error: `Cannot have "prod" download from the source: it cannot reach the source`. */
  action: string
  /** Milliseconds to wait for each address. */
  patience: number
  signal: AbortSignal | undefined
  /** Called with a sentence if an abandoned download goes on. */
  onWarning: ((message: string) => void) | undefined
}

/**
 * The first address of a server that another server can reach: of the source of a download, or of the target of a push.
 *
 * Each address is tried with the download of an image that does not exist. A download of the real image from a source that hangs
 * could be neither cancelled nor waited for, and another transfer of the image in the meantime could lose its content. The trial does
 * no harm if it hangs: it is cancelled if possible (not T28, T54), or else reported. Trying a push would not be better: since Incus 7.0
 * it is an operation from the beginning, which never ends and cannot be cancelled if the target accepts a connection and then hangs
 * (T39).
 *
 * @throws {TransportError} `unreachable`
 */
export async function findReachable(
  client: Client<boolean>,
  { urls, protocol, certificate }: Pick<Offer, 'urls' | 'protocol' | 'certificate'>,
  { action, ...trial }: Trial,
): Promise<string> {
  const failures: string[] = []
  for (const url of urls) {
    const failure = await tryDownload(client, url, { protocol, certificate }, trial)
    if (failure === undefined) return url
    failures.push(`${url}: ${failure}`)
  }
  throw new TransportError('unreachable', `${action} (${failures.join('; ')})`, { server: client.name })
}

/** @returns why it does not work, in the server's words; undefined if the other server answered that it has no such image */
async function tryDownload(
  client: Client<boolean>,
  url: string,
  how: Pick<Offer, 'protocol' | 'certificate'>,
  { patience, signal, onWarning }: Omit<Trial, 'action'>,
): Promise<string | undefined> {
  const nobody = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  const begun = await client.images.createFromRemote(url, {
    fingerprint: nobody,
    ...how,
    signal,
    sync: false,
  })
  const id = begun.id ?? ''
  try {
    await client.operations.wait(id, { signal, timeout: patience })
    return 'it claims to have an image that does not exist'
  } catch (error) {
    if (signal?.aborted || isHyperkitError(error, 'timeout')) {
      const silence = `no answer within ${patience} ms`
      const isLeft = await goesOn(client, id)
      const left = `cannot cancel it: operation ${id} continues there until`
      if (isLeft)
        onWarning?.(
          `"${client.name}" got no answer from ${url} and ${left} ${url} answers, for up to an hour`,
        )
      signal?.throwIfAborted()
      return isLeft ? `${silence}, and "${client.name}" ${left} ${url} answers, for up to an hour` : silence
    }
    if (!(error instanceof OperationError)) throw error
    const words = error.operation.error
    return saysThat(words, 'not-at-source') ? undefined : words
  }
}

/** Milliseconds for both requests together. */
const cancelLimit = 5_000

/** Cancels a download, even one that an abort has cancelled already, and reports whether it may go on nevertheless. */
async function goesOn(client: Client<boolean>, id: string): Promise<boolean> {
  const call = { signal: AbortSignal.timeout(cancelLimit) }
  try {
    await client.operations.cancel(id, call)
    return false
  } catch {
    return client.operations.get(id, call).then(
      (operation) => !isFinished(operation),
      (error: unknown) => !isHyperkitError(error, 'not-found'),
    )
  }
}
