import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { findInstance } from './find-instance.ts'
import { renderInstance } from './render-instance.ts'

/** `GET /1.0/instances/<name>`. */
export function getInstance(call: Call): Response {
  return syncAnswer(renderInstance(findInstance(call)))
}
