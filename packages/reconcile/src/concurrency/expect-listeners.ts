import { setMaxListeners } from 'node:events'

/**
 * Tells the runtime that many requests listen to this signal at once, one for each server that is asked. Node 20 otherwise warns of a
 * memory leak from the 11th listener on.
 */
export function expectListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal)
}
