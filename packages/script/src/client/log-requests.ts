import type { Transport } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

const secretKey = /secret|password|token/i

/** Makes a transport that logs each request with its status and how long the answer took; secrets in addresses are hidden. */
export function logRequests(transport: Transport, report: (line: string) => void): Transport {
  return {
    ...transport,
    async fetch(input, init) {
      const method = (init?.method ?? (typeof input === 'string' ? 'GET' : input.method)).toUpperCase()
      const url = new URL(typeof input === 'string' ? input : input.url)
      const request = `${transport.name}: ${method} ${showPath(url)}`
      const began = performance.now()
      const time = (): string => `${Math.round(performance.now() - began)} ms`
      try {
        const response = await transport.fetch(input, init)
        report(`${request} ${response.status} ${time()}`)
        return response
      } catch (error) {
        report(`${request} failed after ${time()}: ${messageOf(error)}`)
        throw error
      }
    },
  }
}

function showPath({ pathname, searchParams }: URL): string {
  const query = [...searchParams].map(([key, value]) => `${key}=${secretKey.test(key) ? '<hidden>' : value}`)
  return query.length === 0 ? pathname : `${pathname}?${query.join('&')}`
}
