import { ArgumentError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { normalizeRun } from './run-options.ts'

test('a `parallelism` that is not an integer of 1 or more is an argument error', () => {
  for (const parallelism of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => normalizeRun({ parallelism })).toThrow(ArgumentError)
  expect(() => normalizeRun({ parallelism: 0 })).toThrow(
    'Cannot work on 0 servers at once: use an integer of 1 or more',
  )
  for (const parallelism of [undefined, 1, 1_000_000])
    expect(normalizeRun({ parallelism }).parallelism).toBe(parallelism)
})

test('each run remembers when registries may be asked again, for all plans that it makes', () => {
  const { registryLimits } = normalizeRun({})
  expect(registryLimits).toEqual(new Map())
  expect(normalizeRun({}).registryLimits).not.toBe(registryLimits)
})
