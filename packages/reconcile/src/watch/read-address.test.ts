import { expect, test } from 'vitest'
import { readAddress } from './read-address.ts'

test.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
])('"%s" is an address', (text, address) => {
  expect(readAddress(text)).toEqual(address)
})

test.each([
  ':9464',
  '*:9464',
  '::1:9464',
  '[127.0.0.1]:1',
  '127.0.0.1',
  '127.0.0.1:65536',
  '',
  'http://127.0.0.1:1',
])('"%s" is not an address', (text) => {
  expect(readAddress(text)).toBeUndefined()
})
