import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { etagOf } from '../../json/go-json.ts'
import type { IdentityRecord } from '../../records/records.ts'
import { findIdentity } from './find-identity.ts'
import { renderIdentity } from './render-identity.ts'

export function getIdentity(method: IdentityRecord['method']): (call: Call) => Response {
  return (call) => {
    const shown = renderIdentity(call.server, findIdentity(call, method))
    return syncAnswer(shown, { etag: etagOf(shown) })
  }
}
