import type { Screen } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'

/**
 * The exit code of a run, which is a failure if its result could not be written to stdout. The work itself has gone on. If stderr
 * cannot be written to, the exit code is that of the work: there is nobody to tell.
 */
export async function endScreen(screen: Screen, command: string, code: number): Promise<number> {
  const { failure } = screen
  if (failure === undefined) return code
  const done =
    code === 0 ? 'the work was done, but what it printed is not complete' : 'its output is not complete'
  const why = (failure as NodeJS.ErrnoException).code === 'ENOSPC' ? 'the disk is full' : failure.message
  await screen.error(showText(`Cannot write the result of "${command}" to stdout: ${why}; ${done}`))
  return code === 0 ? 1 : code
}
