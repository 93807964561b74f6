import { randomBytes } from 'node:crypto'
import { asyncAnswer } from '../../answer/envelope.ts'
import { renderOperation } from '../../operations/operation.ts'
import type { Call } from '../../server/context.ts'
import type { CertificateRequest } from './certificate-request.ts'

/** An operation whose metadata has all that a client builds the token text from. */
export function createTrustToken({ server, project }: Call, request: CertificateRequest): Response {
  const operation = server.operations.start({
    project,
    class: 'token',
    description: 'Executing operation',
    metadata: {
      addresses: [...server.addresses],
      fingerprint: server.identity.fingerprint,
      request: {
        name: request.name ?? '',
        type: request.type ?? '',
        restricted: request.restricted ?? false,
        projects: request.projects ?? [],
        certificate: '',
        ...server.dialect.tokenRequest,
        token: true,
      },
      secret: randomBytes(32).toString('hex'),
    },
  })
  return asyncAnswer(operation.id, renderOperation(operation))
}
