import type { Transport } from '@hyperkit/core'
import { readText, saysThat } from '@hyperkit/core/parts'
import { connectTimeout } from './limit-connecting.ts'

/** A server, as it describes itself to a client that it trusts. */
export type ShownServer =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'single'; readonly name: string; readonly addresses: readonly string[] }

export interface ServerAnswer {
  status: number
  /** Whether the server trusts this client. */
  isTrusted: boolean
  /** undefined if it does not say, as to a client that it does not trust */
  shown: ShownServer | undefined
}

/** Bytes of the longest description that is read; that of a server has less than 100 KiB. */
const longest = 4 * 1024 * 1024

/** Bytes of the longest refusal that is read. */
const longestRefusal = 4096

/**
 * Asks an address for `GET /1.0`, with the token of the transport, which sends it only to a server with the right certificate.
 *
 * @throws if no answer comes in time
 */
export async function askForServer(
  transport: Transport,
  signal: AbortSignal | undefined,
): Promise<ServerAnswer> {
  const limit = AbortSignal.timeout(connectTimeout)
  const within = signal === undefined ? limit : AbortSignal.any([signal, limit])
  try {
    const answer = await transport.fetch(`${transport.origin}/1.0`, {
      method: 'GET',
      headers: new Headers(),
      redirect: transport.redirect ?? 'error',
      signal: within,
    })
    const { status } = answer
    if (status === 200) {
      const text = await readText(answer, { signal: within, limit: longest, whenLonger: 'cut' })
      return { status, ...read(text) }
    }
    if (status === 503) await refuseElection(answer, within)
    else await answer.body?.cancel()
    return { status, isTrusted: false, shown: undefined }
  } catch (error) {
    signal?.throwIfAborted()
    throw limit.aborted ? silence(connectTimeout) : error
  }
}

/** The error of a member that is up and cannot answer yet. */
export class NotYet extends Error {}

/** The error of a member that says why: its cluster is electing a leader. */
export class NoLeader extends NotYet {}

/** The error of an address that makes a connection and answers nothing. */
export function silence(milliseconds: number): NotYet {
  return new NotYet(`no answer to GET /1.0 within ${milliseconds / 1000} s`)
}

/** LXD 6.9 answers so after 10 s, in which it has found no leader of the database that it needs to know the client. */
async function refuseElection(answer: Response, signal: AbortSignal): Promise<void> {
  const text = await readText(answer, { signal, limit: longestRefusal, whenLonger: 'cut' })
  if (saysThat(wordsOf(text), 'no-leader'))
    throw new NoLeader('HTTP 503 to GET /1.0, as the cluster has no leader')
}

function read(text: string): Omit<ServerAnswer, 'status'> {
  const { auth, environment } = metadataOf(text)
  const isTrusted = auth === 'trusted'
  if (!isTrusted || environment?.server_clustered === undefined) return { isTrusted, shown: undefined }
  const { server_name, addresses } = environment
  const name = String(server_name ?? '')
  if (environment.server_clustered === true) return { isTrusted, shown: { kind: 'member', name } }
  const all = Array.isArray(addresses) ? addresses.map(String) : []
  return { isTrusted, shown: { kind: 'single', name, addresses: all } }
}

function metadataOf(text: string): { auth?: unknown; environment?: Record<string, unknown> | null } {
  return parse(text).metadata ?? {}
}

function wordsOf(text: string): string {
  return String(parse(text).error ?? '')
}

function parse(text: string): { metadata?: object | null; error?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {}
  } catch {
    return {}
  }
}
