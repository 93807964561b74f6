import * as v from 'valibot'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import { otherTokens } from './other-tokens.ts'

/** Options of `certificates.createIdentityToken`. */
export interface CreateIdentityTokenOptions extends CallOptions {
  /** Groups whose permissions the identity gets. @default none: it may do nothing yet */
  groups?: readonly string[] | undefined
}

/** A token with which one client, whichever uses it first, becomes a fine-grained identity; needs `access_management_tls` (LXD). */
export async function createIdentityToken(
  connection: Connection,
  name: string,
  options: CreateIdentityTokenOptions = {},
): Promise<string> {
  const { groups = [], ...call } = options
  const action = `create an identity token for "${name}"`
  await requireExtension(connection, 'access_management_tls', action, call, otherTokens)
  // The answer is the content of the token.
  const { value } = await connection.read(v.looseObject({ secret: v.string() }), {
    method: 'POST',
    path: '/1.0/auth/identities/tls',
    json: { name, token: true, groups },
    action,
    ...call,
  })
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
}
