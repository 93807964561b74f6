import type { Operation } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { maskOperation } from './mask-operation.ts'

const of = (kind: string, metadata: Record<string, unknown>): Operation =>
  ({ id: 'x', class: kind, metadata }) as unknown as Operation
const hex = 'ab'.repeat(32)

test.each([
  [
    'token',
    { secret: 'short', addresses: ['10.0.0.1:8443'], fingerprint: hex },
    { secret: '<hidden>', addresses: ['10.0.0.1:8443'], fingerprint: hex },
  ],
  [
    'websocket',
    { fds: { 0: hex, control: hex }, command: ['sh'] },
    { fds: { 0: '<hidden>', control: '<hidden>' }, command: ['sh'] },
  ],
  [
    'task',
    { fingerprint: hex, hash: hex, request: { password: 'p' } },
    { fingerprint: hex, hash: hex, request: { password: '<hidden>' } },
  ],
])('the secrets in the metadata of a %s operation are masked', (kind, metadata, shown) => {
  expect(maskOperation(of(kind, metadata))).toEqual(of(kind, shown))
})
