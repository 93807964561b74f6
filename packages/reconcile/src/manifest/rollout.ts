/** How changes spread over the servers: wave after wave, and each only if the one before is well. */
export interface Rollout {
  /** The size of each wave, in servers, or in values of the label `by`; the last one is `rest`. */
  waves: readonly WaveSize[]
  /** The label whose values keep servers together. @default each server by itself */
  by?: string
  /** A program and its arguments, which judge a wave; if the program is a path, it is absolute. @default no check */
  check?: readonly string[]
  /** Milliseconds that a check may take. */
  checkTimeout: number
  /** Whether a check or a server that fails stops the later waves. */
  pauseOnFailure: boolean
}

/** A number of servers, a share of all of them, or those that are left. */
export type WaveSize = number | `${number}%` | 'rest'

/** Milliseconds. */
export const defaultCheckTimeout = 300_000
