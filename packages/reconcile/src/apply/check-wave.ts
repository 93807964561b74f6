import { messageOf } from '@hyperkit/core/parts'
import type { Failure } from '../documents/error.ts'
import type { Rollout } from '../manifest/rollout.ts'
import { runProgram } from '../programs/run-program.ts'
import { checkFailed } from '../render/render-rollout.ts'
import { interruption } from './describe-wave.ts'

/** The wave that is checked. */
export interface CheckedWave {
  /** The name of the manifest. */
  manifest: string
  /** Its number. */
  wave: number
  servers: readonly string[]
  signal: AbortSignal
}

/** Runs the check of a rollout on the servers of a wave; returns why it failed. */
export async function checkWave(
  { check = [], checkTimeout }: Pick<Rollout, 'check' | 'checkTimeout'>,
  { manifest, wave, servers, signal }: CheckedWave,
): Promise<Failure | undefined> {
  try {
    await runProgram(check, {
      what: 'the check',
      environment: {
        HYPERKIT_MANIFEST: manifest,
        HYPERKIT_WAVE: String(wave),
        HYPERKIT_WAVE_SERVERS: servers.join('\n'),
      },
      timeout: checkTimeout,
      signal,
    })
    return undefined
  } catch (error) {
    return interruption(signal) ?? { code: checkFailed, message: messageOf(error) }
  }
}
