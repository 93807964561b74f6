import { isIP } from 'node:net'

/** An address to listen on. */
export interface Address {
  host: string
  port: number
}

/**
 * Reads `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`, or `9464` for loopback. An address that other machines can reach must
 * be complete: `:9464`, which many programs accept for all interfaces, is not an address here.
 */
export function readAddress(text: string): Address | undefined {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]*)\]:|([A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain ?? '127.0.0.1'
  const port = Number(digits)
  if (digits === '' || port > 65_535) return undefined
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined
  return { host, port }
}
