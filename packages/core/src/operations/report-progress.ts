import type { Operation } from '../model/operation.ts'
import { type Progress, readProgress } from '../model/progress.ts'

/**
 * Reports each progress that differs from the one before. Servers send their events from several threads, so an event may be late:
 * progress that goes backwards within a stage is dropped.
 */
export function progressReporter(
  onProgress: ((progress: Progress) => void) | undefined,
): (metadata: Operation['metadata']) => void {
  let last: Progress | undefined
  return (metadata) => {
    const progress = onProgress && readProgress(metadata)
    if (!progress || JSON.stringify(progress) === JSON.stringify(last)) return
    if (progress.stage === last?.stage && (progress.percent ?? 100) < (last.percent ?? 0)) return
    last = progress
    onProgress(progress)
  }
}
