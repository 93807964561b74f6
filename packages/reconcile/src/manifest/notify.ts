/** When a report is sent. `failure`: a watch reports when a failure starts, changes or ends; a single run reports each failure. */
export const notifyOccasions = ['change', 'failure', 'always'] as const
export type NotifyOccasion = (typeof notifyOccasions)[number]

/** What receives the report of a run. */
export interface Notify {
  targets: NotifyTarget[]
  on: readonly NotifyOccasion[]
  /** Milliseconds for each target. */
  timeout: number
}

export type NotifyTarget =
  /** A program and its arguments; if the program is a path, it is absolute. */
  | { kind: 'command'; command: readonly string[] }
  /** A command line for the shell. */
  | { kind: 'shell'; command: string }
  | { kind: 'webhook'; url: string; headers: Readonly<Record<string, string>> }

export const defaultNotifyOn: readonly NotifyOccasion[] = ['change', 'failure']
/** Milliseconds. */
export const defaultNotifyTimeout = 30_000
