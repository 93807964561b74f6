import type { Progress } from '@hyperkit/core'

/** How a single change is done. */
export interface ApplyChangeOptions {
  signal: AbortSignal
  onProgress?: (progress: Progress) => void
}
