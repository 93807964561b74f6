import { ArgumentError, UnsupportedError } from '@hyperkit/core'
import { isLoopback } from '@hyperkit/core/parts'
import type { Environment } from './transport-options.ts'

export interface ProxyChoice {
  proxy: URL | undefined
  /** Whether a variable names a proxy that must not be used for this server. */
  bypasses: boolean
}

/**
 * Chooses the proxy for a URL by the rules of Go's clients (golang.org/x/net/http/httpproxy), followed by ALL_PROXY as in curl:
 * names in lower and upper case, NO_PROXY as a list of hosts, domains, addresses and networks, and no proxy for loopback.
 *
 * @throws ArgumentError for a proxy that is not a URL
 * @throws UnsupportedError for a proxy of another kind than HTTP, such as socks5
 */
export function chooseProxy(
  url: URL,
  option: string | false | undefined,
  environment: Environment,
): ProxyChoice {
  if (option === false) return { proxy: undefined, bypasses: namesProxy(url.protocol, environment) }
  if (option !== undefined) return { proxy: parseProxy(option, 'option "proxy"'), bypasses: false }
  const variable = variableFor(url.protocol, environment)
  if (variable === undefined) return { proxy: undefined, bypasses: false }
  if (isLoopback(url.hostname) || isExcluded(url, environment)) return { proxy: undefined, bypasses: true }
  return { proxy: parseProxy(variable.value, `variable ${variable.name}`), bypasses: false }
}

/** Whether a variable names a proxy for URLs of this protocol. */
export function namesProxy(protocol: string, environment: Environment): boolean {
  return variableFor(protocol, environment) !== undefined
}

function variableFor(
  protocol: string,
  environment: Environment,
): { name: string; value: string } | undefined {
  const first = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  for (const name of [first, first.toLowerCase(), 'ALL_PROXY', 'all_proxy']) {
    const value = environment[name]
    if (value !== undefined && value !== '') return { name, value }
  }
  return undefined
}

function parseProxy(text: string, origin: string): URL {
  let url: URL
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  } catch (cause) {
    throw new ArgumentError(
      'proxy',
      `Cannot use the proxy of ${origin}: "${text.replace(/^(.*:\/\/)?.*@/s, '$1…@')}" is not a URL`,
      { cause },
    )
  }
  if (url.protocol !== 'http:') {
    throw new UnsupportedError(
      `Cannot use the proxy of ${origin}: "${url.protocol}" proxies are not supported; name an "http:" proxy, or list the server in NO_PROXY`,
    )
  }
  return url
}

function isExcluded(url: URL, environment: Environment): boolean {
  const list = environment.NO_PROXY || environment.no_proxy || ''
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list.split(',').some((entry) => matches(entry.trim().toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false
  if (entry === '*') return true
  if (entry.includes('/')) return isInNetwork(host, entry)
  const [, name = '', wantedPort] =
    /^\[?(.*?)\]?(?::(\d+))?$/.exec(isBareIpv6(entry) ? `[${entry}]` : entry) ?? []
  if (wantedPort !== undefined && wantedPort !== port) return false
  if (name.startsWith('*.')) return host.endsWith(name.slice(1))
  if (name.startsWith('.')) return host.endsWith(name)
  return host === name || (!isAddress(host) && host.endsWith(`.${name}`))
}

function isBareIpv6(text: string): boolean {
  return !text.startsWith('[') && text.split(':').length > 2
}

function isAddress(text: string): boolean {
  return text.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(text)
}

function isInNetwork(host: string, network: string): boolean {
  const [base = '', length = ''] = network.split('/')
  const address = bitsOf(host)
  const start = bitsOf(base)
  if (address === undefined || start?.length !== address.length || !/^\d+$/.test(length)) return false
  const count = Number(length)
  return count <= address.length && address.slice(0, count) === start.slice(0, count)
}

function bitsOf(address: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address))
    return address
      .split('.')
      .map((part) => bits(Number(part), 8))
      .join('')
  if (!address.includes(':')) return undefined
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap =
    tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...gap, ...after].map((part) => bits(Number.parseInt(part, 16), 16)).join('')
}

function bits(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}
