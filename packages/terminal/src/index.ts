// What a command needs of the process. Texts without any of that: `@hyperkit/terminal/text`.

export { confirm, isInteractive } from './confirm.ts'
export { InterruptedError, type Signals, watchSignals } from './watch-signals.ts'
