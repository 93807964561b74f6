/** When a report is handed over. `failure`: one begins, becomes another one, or ends; each time, for a single run. */
export const notifyOccasions = ['change', 'failure', 'always'] as const
export type NotifyOccasion = (typeof notifyOccasions)[number]

/** Who gets the report of a run. */
export interface Notify {
  targets: NotifyTarget[]
  on: readonly NotifyOccasion[]
  /** Milliseconds for each of them. */
  timeout: number
}

export type NotifyTarget =
  /** A program and its arguments; a path is absolute. */
  | { kind: 'command'; command: readonly string[] }
  /** A line for the shell. */
  | { kind: 'shell'; command: string }
  | { kind: 'webhook'; url: string; headers: Readonly<Record<string, string>> }

export const defaultNotifyOn: readonly NotifyOccasion[] = ['change', 'failure']
/** Milliseconds. */
export const defaultNotifyTimeout = 30_000
