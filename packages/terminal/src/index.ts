// The parts that use the process. For the functions on text alone see `@hyperkit/terminal/text`.

export { ask } from './ask.ts'
export { confirm, isInteractive } from './confirm.ts'
export { type Draft, openDraft } from './open-draft.ts'
export { type OpenScreenOptions, openScreen, type Screen } from './open-screen.ts'
export type { Outlet } from './outlet.ts'
export { readInput } from './read-input.ts'
export { createSlowReport, type SlowReport } from './slow-report.ts'
export { streamOutlet, type Terminal } from './stream-outlet.ts'
export { InterruptedError, type Signals, watchSignals } from './watch-signals.ts'
