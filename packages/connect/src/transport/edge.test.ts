import { isHyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { createEdgeTransport } from './edge.ts'
import { toEndpoint, toEndpoints } from './endpoint.ts'
import type { TransportOptions } from './transport-options.ts'

test('an option that an edge worker does not support is refused at once, with an alternative', () => {
  const url = 'https://a:8443'
  for (const [options, words] of [
    [{ socket: '/s' }, /cannot open unix sockets; give the "url"/],
    [{ url, clientCertificate: { cert: 'C', key: 'K' } }, /cannot present a client certificate; use "token"/],
    [{ url, serverCertificate: 'ab'.repeat(32) }, /public authority/],
    [{ url, certificateAuthority: 'CA' }, /public authority/],
    [{ url: [url, 'https://b:8443'] }, /shows no certificate.*give one "url"/],
  ] as [TransportOptions, RegExp][]) {
    let error: unknown
    try {
      const [endpoint, ...others] = toEndpoints({ environment: {}, ...options } as TransportOptions)
      createEdgeTransport(endpoint, others)
    } catch (reason) {
      error = reason
    }
    expect(isHyperkitError(error, 'unsupported')).toBe(true)
    expect((error as Error).message).toMatch(words)
  }
})

test('an edge worker uses the only redirect mode that workerd supports', () => {
  expect(createEdgeTransport(toEndpoint({ url: 'https://a:8443', environment: {} })).redirect).toBe('manual')
})
