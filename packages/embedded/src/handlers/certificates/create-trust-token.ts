import { randomBytes } from 'node:crypto'
import { asyncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { renderOperation } from '../../operations/operation.ts'
import type { CertificateRequest } from './certificate-request.ts'

/** An operation whose metadata has everything from which a client builds the token. */
export function createTrustToken(call: Call, request: CertificateRequest): Response {
  const { server, project } = call
  const { dialect } = server
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    class: 'token',
    description: dialect.trustTokenDescription,
    metadata: {
      addresses: [...server.addresses],
      fingerprint: server.identity.fingerprint,
      request: {
        name: request.name ?? '',
        type: request.type ?? '',
        restricted: request.restricted ?? false,
        projects: request.projects ?? [],
        certificate: '',
        ...dialect.tokenRequest,
        token: true,
      },
      secret: randomBytes(32).toString('hex'),
      ...(dialect.trustTokenExpires ? { expiresAt: inTwoWeeks() } : {}),
    },
  })
  return asyncAnswer(operation.id, renderOperation(dialect, operation))
}

/** The usual value of `core.remote_token_expiry`. */
export function inTwoWeeks(): string {
  return new Date(Date.now() + 14 * 24 * 3600 * 1000).toISOString()
}
