import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepCompiledCode, preparePrivate } from './keep-compiled-code.ts'

let cache: string
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'hk-compiled-'))
})
afterEach(() => rmSync(cache, { recursive: true, force: true }))

const prepared = (): string | undefined => preparePrivate({ XDG_CACHE_HOME: cache })

test('compiled code is kept in a directory that only its user can read', () => {
  expect(prepared()).toBe(join(cache, 'hyperkit/compile'))
  expect(lstatSync(join(cache, 'hyperkit/compile')).mode & 0o777).toBe(0o700)
  expect(prepared()).toBe(join(cache, 'hyperkit/compile'))
})

test('a cache directory that does not exist yet is made', () => {
  const below = join(cache, 'new')
  expect(preparePrivate({ XDG_CACHE_HOME: below })).toBe(join(below, 'hyperkit/compile'))
})

test.each(['hyperkit', 'hyperkit/compile'])('nothing is kept if %s is a link to elsewhere', (path) => {
  const elsewhere = join(cache, 'elsewhere')
  mkdirSync(join(elsewhere, 'compile'), { recursive: true, mode: 0o700 })
  mkdirSync(join(cache, path, '..'), { recursive: true })
  symlinkSync(elsewhere, join(cache, path))
  expect(prepared()).toBeUndefined()
})

test.each([
  ['hyperkit', 0o777],
  ['hyperkit/compile', 0o770],
])('nothing is kept if others can write to %s', (path, mode) => {
  mkdirSync(join(cache, 'hyperkit/compile'), { recursive: true, mode: 0o700 })
  chmodSync(join(cache, path), mode)
  expect(prepared()).toBeUndefined()
})

test.for(['', 'hyperkit', 'hyperkit/compile'])(
  'nothing is kept if the directory %j belongs to another user',
  (path, context) => {
    if (process.geteuid?.() !== 0) return context.skip('only root can give a directory away')
    if (path !== '') mkdirSync(join(cache, 'hyperkit/compile'), { recursive: true, mode: 0o700 })
    chownSync(join(cache, path), 65_534, 65_534)
    expect(prepared()).toBeUndefined()
  },
)

test('a cache that cannot be written is no error', () => {
  writeFileSync(join(cache, 'file'), '')
  expect(() => keepCompiledCode({ XDG_CACHE_HOME: join(cache, 'file') })).not.toThrow()
})
