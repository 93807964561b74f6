import { dialects, explainAliasName } from '@hyperkit/core/parts'
import { expect, test } from 'vitest'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { lockAliasOf } from './lock-alias-of.ts'

test('a manifest locks servers by its own name', () => {
  expect(lockAliasOf('base-images')).toBe('hyperkit.lock/base-images')
})

test('a manifest whose name no alias can have on some servers locks by a hash of it, another for each name', () => {
  const names = ['base images', 'base?', 'b'.repeat(60), 'images!', 'größe 🐧']
  const locks = names.map(lockAliasOf)
  expect(new Set(locks).size).toBe(names.length)
  for (const lock of locks) {
    expect(isLockAlias(lock)).toBe(true)
    expect(dialects.incus.aliasNames && explainAliasName(dialects.incus.aliasNames, lock)).toBeUndefined()
  }
})
