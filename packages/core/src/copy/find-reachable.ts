import type { Client } from '../client.ts'
import { OperationError, TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { isFinished } from '../model/operation.ts'
import { saysThat } from '../model/server-words.ts'
import type { Offer } from './copy-source.ts'

interface Trial {
  /** What cannot be done, of an error: `Cannot have "prod" download from the source: it does not reach it`. */
  action: string
  /** Milliseconds for each address. */
  patience: number
  signal: AbortSignal | undefined
  /** Called with a sentence if a download that was given up goes on. */
  onWarning: ((message: string) => void) | undefined
}

/**
 * The first address of a server that another server reaches: the source of a download, or the target of a push.
 *
 * It is tried with a download of an image that nobody has. A download of the real one from a source that hangs could be
 * neither cancelled nor waited for, and whatever else brought the image in the meantime could lose its content to it;
 * this one can do no harm when it hangs; it is cancelled where that can be (not T28, T54), else reported. A push tells it no better: since Incus 7.0 it is an operation from the first moment,
 * which runs without end and cannot be cancelled where the target accepts a connection and then hangs (T39).
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

/** @returns why it does not work, in the server's words; undefined where the other one answered that it has no such image */
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
    return 'it has an image that nobody has'
  } catch (error) {
    if (signal?.aborted || isHyperkitError(error, 'timeout')) {
      const silence = `no answer within ${patience} ms`
      const isLeft = await goesOn(client, id)
      const left = `cannot cancel it: operation ${id} goes on there until`
      if (isLeft)
        onWarning?.(`"${client.name}" has asked ${url} in vain and ${left} that answers, or for an hour`)
      signal?.throwIfAborted()
      return isLeft ? `${silence}, and "${client.name}" ${left} ${url} answers, or for an hour` : silence
    }
    if (!(error instanceof OperationError)) throw error
    const words = error.operation.error
    return saysThat(words, 'not-at-source') ? undefined : words
  }
}

/** Milliseconds for both requests. */
const cancelLimit = 5_000

/** Cancels a download, also one that an abort has cancelled already, and tells whether it may go on all the same. */
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
