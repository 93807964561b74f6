import type { Transport } from '../transport/transport.ts'

/** The operations that were begun through each transport and are waited for. */
const awaited = new WeakMap<Transport, Set<string>>()

/** Records that an operation which this client began is waited for, until that ends, however it ends. */
export function recordAwaited(transport: Transport, id: string, ended: Promise<unknown>): void {
  const ids = awaited.get(transport) ?? new Set()
  awaited.set(transport, ids.add(id))
  const end = (): void => void ids.delete(id)
  ended.then(end, end)
}

/** Whether this client began an operation and waits for it. */
export function isAwaited(transport: Transport, id: string): boolean {
  return awaited.get(transport)?.has(id) === true
}
