import type { Transport } from '@hyperkit/core'

/** An operation that a server began for this process. */
export interface BegunOperation {
  transport: Transport
  /** `/1.0/operations/<id>` */
  path: string
}

/** Makes a transport that reports each operation that is begun: an answer 202 with its address in `Location`. */
export function watchOperations(
  transport: Transport,
  report: (operation: BegunOperation) => void,
): Transport {
  return {
    ...transport,
    async fetch(input, init) {
      const response = await transport.fetch(input, init)
      const path = response.headers.get('location')
      if (response.status === 202 && path?.startsWith('/1.0/operations/')) report({ transport, path })
      return response
    },
  }
}
