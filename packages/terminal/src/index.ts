// What a command needs of the process. Texts without any of that: `@hyperkit/terminal/text`.

export { confirm, isInteractive } from './confirm.ts'
export { openScreen, type Screen, type Terminal } from './open-screen.ts'
export { InterruptedError, type Signals, watchSignals } from './watch-signals.ts'
