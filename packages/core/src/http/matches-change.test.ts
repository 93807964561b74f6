import { expect, test } from 'vitest'
import { matchesChange } from './matches-change.ts'

const path = '/1.0/images/ab'
const found = {
  fingerprint: 'ab',
  public: true,
  auto_update: false,
  properties: { os: 'x', release: 'y' },
  profiles: ['default', 'web'],
  expires_at: '0001-01-01T00:00:00Z',
}
const all = { public: true, properties: found.properties }

test.each([
  ['names everything', all, true],
  ['names the profiles in another order', { ...all, profiles: ['web', 'default'] }, true],
  ['names no expiry in another way', { ...all, expires_at: '1970-01-01T00:00:00Z' }, true],
  ['names an empty property', { ...all, properties: { ...found.properties, gone: '' } }, true],
  ['takes a property away', { ...all, properties: { os: 'x' } }, false],
  ['takes all properties away', { public: true }, false],
  ['makes it private by leaving that out', { properties: found.properties }, false],
  ['takes a profile away', { ...all, profiles: ['default'] }, false],
  ['sets an expiry', { ...all, expires_at: '2030-01-01T00:00:00Z' }, false],
])('a replacement that %s: %o', (_, json, isCarriedOut) => {
  expect(matchesChange({ method: 'PUT', path, json }, found)).toBe(isCarriedOut)
})

test.each([
  [{ properties: { os: 'x' } }, true],
  [{ public: true, properties: { gone: '' } }, true],
  [{ properties: { os: '' } }, false],
  [{ public: false }, false],
])('a patch with %o leaves everything else as it is', (json, isCarriedOut) => {
  expect(matchesChange({ method: 'PATCH', path, json }, found)).toBe(isCarriedOut)
})
