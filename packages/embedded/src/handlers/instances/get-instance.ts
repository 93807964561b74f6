import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { findInstance } from './find-instance.ts'
import { locationOf, placeInstance } from './place-instance.ts'
import { renderInstance } from './render-instance.ts'

/** `GET /1.0/instances/<name>`. */
export function getInstance(call: Call): Response {
  const { server } = call
  const instance = findInstance(call)
  server.cluster?.requireMember(locationOf(server, instance))
  return syncAnswer(placeInstance(server, instance, renderInstance(instance)))
}
