import * as v from 'valibot'
import { TransportError } from '../errors/errors.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { operationSchema } from '../model/operation.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'

/** The result of `images.createSecret`. */
export interface ImageSecret {
  /** 64 hex. Anybody can use it once, and for 5 seconds after that; unused, it lives until the server restarts. */
  secret: string
  /** The operation of the secret; cancelling it revokes the secret, 5 seconds later. */
  operation: OperationHandle<void>
}

/** A secret with which a client without trust may read and export one private image. */
export async function createSecret(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<ImageSecret> {
  const whole = await expandFingerprint(connection, fingerprint, options)
  const { value, answer } = await connection.read(operationSchema, {
    method: 'POST',
    path: `/1.0/images/${whole}/secret`,
    json: {},
    action: `create a secret for image ${shortFingerprint(whole)}`,
    ...options,
  })
  const secret = v.safeParse(v.string(), value.metadata?.secret)
  if (!secret.success) {
    throw new TransportError(
      'unexpected-answer',
      `Cannot create a secret for image ${shortFingerprint(whole)} on "${connection.name}": the answer has none`,
      {
        server: connection.name,
      },
    )
  }
  return {
    secret: secret.output,
    operation: operationHandle(connection, answer.operation, options, async (ended) => {
      await ended
    }),
  }
}
