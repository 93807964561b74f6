import { dialects, explainAliasName } from '@hyperkit/core/parts'
import { expect, test } from 'vitest'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { lockAliasesOf, lockAliasOf } from './lock-alias-of.ts'

test('the lock of a manifest has the name of the manifest', () => {
  expect(lockAliasOf('base-images')).toBe('hyperkit.lock/base-images')
})

test('the lock of a manifest whose name some servers refuse for an alias has a hash of the name', () => {
  const names = ['base images', 'base?', 'b'.repeat(60), 'b'.repeat(128), 'images-', 'images!', 'größe 🐧']
  const locks = names.map(lockAliasOf)
  expect(new Set(locks).size).toBe(names.length)
  for (const lock of locks) {
    expect(lock).toMatch(/^hyperkit\.lock\/\.[0-9a-f]{16}$/)
    expect(isLockAlias(lock)).toBe(true)
    expect(dialects.incus.aliasNames && explainAliasName(dialects.incus.aliasNames, lock)).toBeUndefined()
  }
})

test('a name of 50 bytes is the longest that a lock can contain', () => {
  expect(lockAliasOf('b'.repeat(50))).toBe(`hyperkit.lock/${'b'.repeat(50)}`)
  expect(lockAliasOf('b'.repeat(51))).toMatch(/\/\./)
})

test('a lock is looked for by the hash of its manifest and by its whole name', () => {
  const name = 'b'.repeat(128)
  expect(lockAliasesOf('base-images')).toEqual(['hyperkit.lock/base-images'])
  expect(lockAliasesOf(name)).toEqual([lockAliasOf(name), `hyperkit.lock/${name}`])
  expect(lockAliasesOf(name).every(isLockAlias)).toBe(true)
})
