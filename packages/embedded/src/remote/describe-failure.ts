import { messageOf } from '@hyperkit/core/parts'
import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'

const refused = new Set(['ECONNREFUSED', 'ConnectionRefused'])
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

/** A failed request in the words of a daemon: `Get "https://…/1.0": …`. */
export function describeFailure(error: unknown, method: string, url: string, dialect: Dialect): Error {
  const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`
  return new Error(`${verb} "${url}": ${reasonOf(error, url, dialect)}`, { cause: error })
}

function reasonOf(error: unknown, url: string, { tlsErrorPrefix, dialFailure }: Dialect): string {
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  const message = messageOf(error)
  if (untrusted.has(code) || /self.signed|UnknownIssuer|unable to verify/i.test(message)) {
    return `${tlsErrorPrefix}x509: certificate signed by unknown authority`
  }
  if (!refused.has(code) && !/ECONNREFUSED|refused/i.test(message)) return message
  const host = hostOf(url)
  return fill(dialFailure, host, `dial tcp ${host}: connect: connection refused`)
}

function hostOf(url: string): string {
  const { protocol, hostname, port } = new URL(url)
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}
