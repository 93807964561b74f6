const runner = Symbol.for('hyperkit.runner')

/**
 * Prevents every script of this process from running by itself: in a bundle each of them is in the file that was started.
 *
 * @see {@link runIfMain}
 */
export function claimProcess(): void {
  Object.defineProperty(globalThis, runner, { value: true, configurable: true })
}

/** Whether a command runs in this process, which runs its scripts by itself. */
export function isClaimed(): boolean {
  return (globalThis as { [runner]?: boolean })[runner] === true
}
