import * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import type { Answer } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { describePushToken, pushTokenSchema } from './push-token-request.ts'

/**
 * What an image has from its first moment, so that a client that is killed before it can set attributes leaves no image without them.
 * The server is asked for a push token that carries it.
 */
export type FirstState =
  /** All properties of the image, those of its archive too, and the expiry of the archive: the image has them when it appears. */
  | { kind: 'whole'; properties: Readonly<Record<string, string>>; expiresAt?: Date | undefined }
  /**
   * Some properties, if those of the archive are not known: a token would replace them. The image is uploaded without the token, which stays
   * in the server's list of operations until the properties are set, so that others see for whom the image is.
   */
  | { kind: 'intent'; properties: Readonly<Record<string, string>> }

/** A push token for one try of an upload: the server takes it when the headers of the upload arrive. */
export interface PushToken {
  /** The header of the upload; none for an intent. */
  secret: string | undefined
  /** Cancels the token, unless the server has taken it. */
  end(): Promise<void>
}

/** What a token says, besides its fingerprint. */
export interface TokenAttributes {
  state: FirstState
  public: boolean
  expiresAt: Date | undefined
}

/**
 * Requests a push token. Its `public` beats the header, so it is always sent; its `expires_at` beats the archive, so it is the expiry that
 * the image should have.
 *
 * @returns the reason if the server refuses
 */
export async function requestPushToken(
  connection: Connection,
  fingerprint: string,
  { state, public: isPublic, expiresAt }: TokenAttributes,
  call: CallOptions,
): Promise<PushToken | { refused: string }> {
  const { dialect } = await connection.server(call)
  const expiry = expiresAt ?? (state.kind === 'whole' ? state.expiresAt : undefined)
  // After a plain upload of an archive without an expiry, LXD reports 1970 and Incus no time.
  const never = dialect.kind === 'lxd' ? null : undefined
  try {
    const answer = await connection.ask({
      method: 'POST',
      path: '/1.0/images',
      json: describePushToken(fingerprint, {
        public: isPublic,
        properties: withoutEmpty(state.properties),
        expiresAt: expiry ?? never,
      }),
      action: `prepare the upload of image ${shortFingerprint(fingerprint)}`,
      ...call,
    })
    const read = v.safeParse(pushTokenSchema, answer.metadata)
    if (!read.success) return { refused: 'its answer has no secret' }
    const { id, metadata } = read.output
    return {
      secret: state.kind === 'whole' ? metadata.secret : undefined,
      end: () => cancel(connection, id, call),
    }
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    return { refused: error.message }
  }
}

/** Whether the server took the secret of an upload. It ignores one that it does not know, in silence. */
export function hasTakenSecret({ metadata }: Answer): boolean {
  const taken = v.object({ metadata: v.object({ secret: v.string() }) })
  return v.is(taken, metadata)
}

/** A client that was aborted cancels its token too. */
async function cancel(connection: Connection, id: string, { project }: CallOptions): Promise<void> {
  const signal = AbortSignal.timeout(10_000)
  const call = { action: 'end the token of an upload', project, signal }
  await connection
    .ask({ method: 'DELETE', path: `/1.0/operations/${id}`, ...call })
    // It is gone, or a later run cancels it.
    .catch(() => undefined)
}

function withoutEmpty(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== ''))
}
