import type { ScriptTools } from '@hyperkit/script'
import { confirm, isInteractive } from '@hyperkit/terminal'

/** The question before a command changes anything. */
export interface Confirmation {
  question: string
  /** The message if there is no terminal to ask on. */
  refusal: string
  /** Whether stderr is for programs, so that no question may be printed there. @default false */
  isForPrograms?: boolean
  /** What is said if the user does not agree. @default 'Nothing was done' */
  declined?: string
}

/** Whether the user agrees. A refusal, or a missing terminal, is reported as a failure. */
export async function isConfirmed(
  { question, refusal, isForPrograms = false, declined = 'Nothing was done' }: Confirmation,
  { signal, fail }: Pick<ScriptTools, 'signal' | 'fail'>,
): Promise<boolean> {
  const canAsk = !isForPrograms && isInteractive()
  if (canAsk && (await confirm(question, signal))) return true
  fail(canAsk ? declined : refusal, { code: 'not-confirmed' })
  return false
}
