import type { ChangeResult } from '../documents/apply-report.ts'
import type { Change } from '../documents/plan.ts'

/** What happens while a plan is applied. */
export type ApplyEvent =
  | { kind: 'begun'; server: string; change: Change }
  | {
      kind: 'moved'
      server: string
      change: Change
      /** Whether the bytes came to this machine from elsewhere, which says nothing of the server. @default false */
      isElsewhere?: boolean
      progress: { bytes?: number; totalBytes?: number; percent?: number; bytesPerSecond?: number }
    }
  | { kind: 'waiting'; server: string; change: Change; message: string }
  | { kind: 'warned'; server: string; change: Change; message: string }
  | { kind: 'ended'; server: string; result: ChangeResult }
