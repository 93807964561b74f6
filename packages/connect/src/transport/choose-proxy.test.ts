import { expect, test } from 'vitest'
import { chooseProxy } from './choose-proxy.ts'
import type { Environment } from './transport-options.ts'

function proxyOf(url: string, environment: Environment): string | undefined {
  return chooseProxy(new URL(url), undefined, environment).proxy?.href
}

test('the variable of the scheme takes precedence over ALL_PROXY, in upper and lower case', () => {
  expect(proxyOf('https://a:8443', { HTTPS_PROXY: 'http://p:1', ALL_PROXY: 'http://q:1' })).toBe(
    'http://p:1/',
  )
  expect(proxyOf('https://a:8443', { https_proxy: 'p:1' })).toBe('http://p:1/')
  expect(proxyOf('https://a:8443', { HTTP_PROXY: 'http://p:1' })).toBeUndefined()
  expect(proxyOf('https://a:8443', { all_proxy: 'http://q:1' })).toBe('http://q:1/')
  expect(proxyOf('http://a', { HTTP_PROXY: 'http://p:1' })).toBe('http://p:1/')
})

test('loopback addresses have no proxy', () => {
  for (const host of ['localhost', '127.0.0.1', '127.9.8.7', '[::1]']) {
    expect(proxyOf(`https://${host}:8443`, { HTTPS_PROXY: 'http://p:1' })).toBeUndefined()
  }
})

test.for([
  ['*', 'https://a.b', true],
  ['a.b', 'https://a.b', true],
  ['a.b', 'https://x.a.b', true],
  ['a.b', 'https://xa.b', false],
  ['.a.b', 'https://x.a.b', true],
  ['.a.b', 'https://a.b', false],
  ['A.B', 'https://a.b', true],
  ['a.b:8443', 'https://a.b:8443', true],
  ['a.b:8443', 'https://a.b:9443', false],
  ['x, 10.0.0.0/8', 'https://10.1.0.7:8443', true],
  ['10.0.0.0/8', 'https://11.1.0.7', false],
  ['10.1.0.7', 'https://10.1.0.7', true],
  ['1.0.7', 'https://10.1.0.7', false],
  ['fd00::/8', 'https://[fd12::1]:8443', true],
  ['fe80::/10', 'https://[fd12::1]:8443', false],
  ['fd12::1', 'https://[fd12::1]:8443', true],
  ['', 'https://a.b', false],
] as const)('NO_PROXY "%s" excludes %s: %s', ([list, url, excluded]) => {
  const choice = chooseProxy(new URL(url), undefined, { HTTPS_PROXY: 'http://p:1', NO_PROXY: list })
  expect([choice.proxy === undefined, choice.bypasses]).toEqual([excluded, excluded])
})
