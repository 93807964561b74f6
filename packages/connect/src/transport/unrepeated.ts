import type { TransportInit } from '@hyperkit/core/parts'

/** What Bun 1.4.5 sends again by itself if the server closes a kept connection without an answer. Only a caller may repeat a change. */
const repeatedByBun = new Set(['PUT', 'DELETE'])

/** The option of Bun's fetch with which a change is sent once: on a connection of its own. */
export function unrepeated(
  input: Request | string,
  init: Partial<TransportInit> = {},
): { keepalive?: false } {
  const method = init.method ?? (typeof input === 'string' ? 'GET' : input.method)
  return repeatedByBun.has(method) ? { keepalive: false } : {}
}
