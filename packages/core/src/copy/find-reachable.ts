import type { Client } from '../client.ts'
import { OperationError, TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/hyperkit-error.ts'
import { saysThat } from '../model/server-words.ts'
import type { Offer } from './copy-source.ts'

interface Trial {
  /** Milliseconds for each address. */
  patience: number
  signal: AbortSignal | undefined
}

/**
 * The first address of the source that the target reaches.
 *
 * It is tried with a download of an image that nobody has. A download of the real one from a source that hangs could be
 * neither cancelled nor waited for, and whatever else brought the image in the meantime could lose its content to it;
 * this one can do no harm when it hangs.
 *
 * @throws {TransportError} `unreachable`
 */
export async function findReachable(
  target: Client<boolean>,
  { urls, protocol, certificate }: Offer,
  { patience, signal }: Trial,
): Promise<string> {
  const failures: string[] = []
  for (const url of urls) {
    const failure = await tryDownload(target, url, { protocol, certificate }, { patience, signal })
    if (failure === undefined) return url
    failures.push(`${url}: ${failure}`)
  }
  throw new TransportError(
    'unreachable',
    `Cannot have "${target.name}" download from the source: it does not reach it (${failures.join('; ')})`,
    { server: target.name },
  )
}

/** @returns why it does not work, in the target's words; undefined where the source answered that it has no such image */
async function tryDownload(
  target: Client<boolean>,
  url: string,
  how: Pick<Offer, 'protocol' | 'certificate'>,
  { patience, signal }: Trial,
): Promise<string | undefined> {
  const nobody = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  const begun = await target.images.createFromRemote(url, {
    fingerprint: nobody,
    ...how,
    signal,
    sync: false,
  })
  try {
    await target.operations.wait(begun.id ?? '', { signal, timeout: patience })
    return 'it has an image that nobody has'
  } catch (error) {
    signal?.throwIfAborted()
    if (isHyperkitError(error, 'timeout')) return `no answer within ${patience} ms`
    if (!(error instanceof OperationError)) throw error
    const words = error.operation.error
    return saysThat(words, 'not-at-source') ? undefined : words
  }
}
