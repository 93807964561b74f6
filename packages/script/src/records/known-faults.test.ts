import { dialects } from '@hyperkit/core/parts'
import { expect, test } from 'vitest'
import { knownFaults, tokenReaders } from './known-faults.ts'

const marks = ['33542', '28384', '48769', '81493', 'j825', '81501', 'lose its file', 'PATCH']

/** The faults that are reported for a version, one word of each. */
const told = (kind: 'lxd' | 'incus', version: string): string[] => {
  const texts = knownFaults({ dialect: dialects[kind], version }) ?? []
  return marks.filter((mark) => texts.some((text) => text.includes(mark)))
}

test.each([
  ['incus', '6.0.4', ['33542', '28384', '48769', '81493', '81501', 'lose its file']],
  ['incus', '6.0.6', ['33542', '48769', '81493', '81501', 'lose its file']],
  ['incus', '6.23', ['48769', '81493', '81501', 'lose its file']],
  ['incus', '7.0.0', ['48769', '81493', '81501']],
  ['incus', '7.0.1', ['81493', '81501']],
  ['incus', '7.0.2', []],
  ['incus', '7.1', ['48769', '81493', '81501']],
  ['incus', '7.3', ['81501']],
  ['incus', '7.4', []],
  ['lxd', '4.0.11', ['j825', 'lose its file']],
  ['lxd', '5.0.2', ['28384', '48769', 'j825', 'lose its file', 'PATCH']],
  ['lxd', '5.4', ['28384', '48769', 'j825', 'lose its file']],
  ['lxd', '5.0.10', ['lose its file']],
  ['lxd', '5.21.4', ['28384', '48769', 'j825']],
  ['lxd', '5.21.7', []],
  ['lxd', '6.7', ['33542', '48769', 'j825']],
  ['lxd', '6.9', []],
] as const)('the faults of %s %s are those of its version and no others', (kind, version, faults) => {
  expect(told(kind, version)).toEqual(faults)
})

test('a vulnerability that distributions fix under the same version number is reported as possible', () => {
  const texts = knownFaults({ dialect: dialects.incus, version: '6.0.4' }) ?? []
  const holes = texts.filter((text) => /CVE-|GHSA-/.test(text))
  expect(holes.length).toBeGreaterThan(0)
  for (const text of holes)
    expect(text).toMatch(/ may .*fixed in .*distributions under the same version number/)
})

test('nothing is reported for a server that does not report its version', () => {
  expect(knownFaults({ dialect: dialects.incus, version: undefined })).toBeUndefined()
})

test('a certificate restricted to default reads tokens, on all but Incus 7.0 and newer', () => {
  const certificates = [
    { name: 'ci', restricted: true, projects: ['web', 'default'] },
    { name: 'other', restricted: true, projects: ['web'] },
    { name: 'admin', restricted: false, projects: [] },
  ]
  const readers = (kind: 'lxd' | 'incus', version: string | undefined) =>
    tokenReaders({ dialect: dialects[kind], version }, certificates)
  expect(readers('lxd', '5.0.2')).toEqual(['ci'])
  expect(readers('lxd', '6.9')).toEqual(['ci'])
  expect(readers('incus', '6.0.4')).toEqual(['ci'])
  expect(readers('incus', '7.0.2')).toEqual([])
  expect(readers('incus', undefined)).toEqual([])
})
