import { durationOf } from './duration-schema.ts'
import { programOf } from './program-of.ts'
import { defaultCheckTimeout, type Rollout, type WaveSize } from './rollout.ts'
import type { WrittenRollout } from './rollout-schema.ts'

/** @param folder an absolute path; a program with a slash in its name is relative to it */
export function normalizeRollout(
  { waves, by, check, checkTimeout, pauseOnFailure }: WrittenRollout,
  folder: string,
): Rollout {
  return {
    waves: waves as WaveSize[],
    ...(by === undefined ? {} : { by }),
    ...(check === undefined ? {} : { check: programOf(check, folder) }),
    checkTimeout: (checkTimeout === undefined ? undefined : durationOf(checkTimeout)) ?? defaultCheckTimeout,
    pauseOnFailure: pauseOnFailure ?? true,
  }
}
