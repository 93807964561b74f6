import type { ScriptTools } from '@hyperkit/script'
import { confirm, isInteractive } from '@hyperkit/terminal'

/** What is asked before a command changes anything. */
export interface Confirmation {
  question: string
  /** What is said if nobody can be asked. */
  refusal: string
  /** Whether stderr is for programs, so that no question can stand there. @default false */
  isForPrograms?: boolean
}

/** Whether the user agrees; if not, or if nobody can be asked, that is reported as a failure. */
export async function isConfirmed(
  { question, refusal, isForPrograms = false }: Confirmation,
  { signal, fail }: Pick<ScriptTools, 'signal' | 'fail'>,
): Promise<boolean> {
  const canAsk = !isForPrograms && isInteractive()
  if (canAsk && (await confirm(question, signal))) return true
  fail(canAsk ? 'Nothing was done' : refusal, { code: 'not-confirmed' })
  return false
}
