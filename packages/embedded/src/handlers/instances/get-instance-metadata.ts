import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { findInstance } from './find-instance.ts'

/** `GET /1.0/instances/<name>/metadata`: the content of its metadata.yaml. */
export function getInstanceMetadata(call: Call): Response {
  const { architecture = 'x86_64', properties = {}, expiresAt } = findInstance(call)
  return syncAnswer({
    architecture,
    creation_date: 1_700_000_000,
    expiry_date: expiresAt === undefined ? 0 : Math.floor(Date.parse(expiresAt) / 1000),
    properties,
    templates: null,
  })
}
