import { dialects, explainAliasName } from '@hyperkit/core/parts'
import { expect, test } from 'vitest'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { lockAliasOf } from './lock-alias-of.ts'

test('the lock of a manifest has the name of the manifest', () => {
  expect(lockAliasOf('base-images')).toBe('hyperkit.lock/base-images')
})

test('the lock of a manifest whose name some servers refuse for an alias has a hash of the name', () => {
  const names = ['base images', 'base?', 'b'.repeat(60), 'images!', 'größe 🐧']
  const locks = names.map(lockAliasOf)
  expect(new Set(locks).size).toBe(names.length)
  for (const lock of locks) {
    expect(isLockAlias(lock)).toBe(true)
    expect(dialects.incus.aliasNames && explainAliasName(dialects.incus.aliasNames, lock)).toBeUndefined()
  }
})
