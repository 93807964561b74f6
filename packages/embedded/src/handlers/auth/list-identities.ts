import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import type { IdentityRecord } from '../../records/records.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { identityOfCertificate, renderIdentity } from './render-identity.ts'

/** `GET /1.0/auth/identities/<method>`: an administrator sees all, an identity only itself. */
export function listIdentities(method: IdentityRecord['method']): (call: Call) => Response {
  return ({ server, peer, query }) => {
    const all = [...server.certificates.values().map(identityOfCertificate), ...server.identities.values()]
    const seen = all.filter(
      (one) => one.method === method && (mayAdminister(peer) || one.id === peer.requestor.username),
    )
    const recursive = isRecursive(query, server.dialect)
    return syncAnswer(
      seen.map((one) =>
        recursive ? renderIdentity(server, one) : `/1.0/auth/identities/${method}/${one.id}`,
      ),
    )
  }
}
