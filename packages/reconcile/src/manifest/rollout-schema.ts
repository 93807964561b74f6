import * as v from 'valibot'
import { duration } from './duration-schema.ts'
import { optionalKey } from './optional-key.ts'
import type { WaveSize } from './rollout.ts'
import { labelText } from './server-schema.ts'
import { text } from './text-schemas.ts'

const waveSize = v.pipe(
  v.union([v.number(), v.string()]),
  v.check(isWaveSize, 'must be a number of servers, a percentage from 1% to 100%, or "rest"'),
)

export const rolloutSchema = v.strictObject({
  waves: v.pipe(
    v.array(waveSize),
    v.check(
      (sizes) => sizes.length > 0 && sizes.indexOf('rest') === sizes.length - 1,
      'must end with "rest", and have it only there: that wave has all servers that are left',
    ),
    v.description(
      'The size of each wave, such as `[1, 10%, rest]`: a number of servers, a share of all (rounded up), or those that are left.',
    ),
  ),
  by: optionalKey(
    labelText,
    'A label that keeps servers together: waves are then counted in values of this label, and servers without it are together too.',
  ),
  check: optionalKey(
    v.pipe(v.array(text), v.minLength(1, 'must name a program')),
    'A program and its arguments, run on this machine without a shell after each wave; it passes if it exits with 0. A path is relative to the manifest.',
  ),
  checkTimeout: optionalKey(
    duration,
    'How long a check may take before it is stopped and counts as failed, such as `90` (seconds) or `5m`. Default: `5m`.',
  ),
  pauseOnFailure: optionalKey(
    v.boolean(),
    'Whether a failed check, or a server that failed or could not be read, stops the waves after it. Default: `true`.',
  ),
})

export type WrittenRollout = v.InferOutput<typeof rolloutSchema>

function isWaveSize(value: string | number): value is WaveSize {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 1
  return value === 'rest' || /^([1-9]\d?|100)%$/.test(value)
}
