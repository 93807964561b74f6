import * as v from 'valibot'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { operationSchema } from '../model/operation.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'

/** Options of `certificates.createToken`. */
export interface CreateTokenOptions extends CallOptions {
  /** Only for these projects. */
  projects?: readonly string[] | undefined
}

/** The result of `certificates.createToken`. */
export interface TrustToken {
  /** For the new client; it can be used once. */
  token: string
  /** Cancelling it revokes the token. */
  operation: OperationHandle<void>
}

const tokenSchema = v.looseObject({
  metadata: v.looseObject({
    addresses: v.nullish(v.array(v.string())),
    fingerprint: v.string(),
    secret: v.string(),
    expiresAt: v.optional(v.string()),
  }),
})

/** A token with which one client, whichever uses it first, gets its certificate trusted. */
export async function createToken(
  connection: Connection,
  name: string,
  options: CreateTokenOptions = {},
): Promise<TrustToken> {
  const { projects, ...call } = options
  const { value, answer } = await connection.read(v.intersect([operationSchema, tokenSchema]), {
    method: 'POST',
    path: '/1.0/certificates',
    json: {
      type: 'client',
      name,
      token: true,
      ...(projects === undefined ? {} : { restricted: true, projects }),
    },
    action: `create a trust token for "${name}"`,
    ...call,
  })
  const { addresses, fingerprint, secret, expiresAt } = value.metadata
  const content = {
    client_name: name,
    fingerprint,
    addresses: addresses ?? [],
    secret,
    expires_at: expiresAt ?? '0001-01-01T00:00:00Z',
  }
  return {
    token: btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(content)))),
    operation: operationHandle(connection, answer.operation, call, async (ended) => {
      await ended
    }),
  }
}
