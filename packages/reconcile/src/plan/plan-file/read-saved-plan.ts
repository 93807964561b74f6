import { readFile, stat } from 'node:fs/promises'
import { HyperkitError } from '@hyperkit/core'
import * as v from 'valibot'
import type { SavedPlan } from '../../documents/saved-plan.ts'
import { savedPlanSchema } from '../../documents/saved-plan.ts'
import { isSealed } from './seal-plan.ts'

/** Whether a file is one of the reconciler's own documents and not a manifest; false if it cannot be read. */
export async function isPlanFile(path: string): Promise<boolean> {
  // Reading a FIFO would wait for its other end.
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  return isFile && isOwnDocument(await readFile(path, 'utf8').catch(() => ''))
}

/** Whether a text is one of the reconciler's own documents. */
export function isOwnDocument(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"hyperkit-/.test(text)
}

/**
 * Reads a plan that `plan --out` wrote.
 *
 * @throws {HyperkitError} `invalid-configuration` for a file that is not exactly what `plan --out` wrote
 */
export async function readSavedPlan(path: string): Promise<SavedPlan> {
  const refuse = (why: string, cause?: unknown): HyperkitError =>
    new HyperkitError('invalid-configuration', `Cannot read plan "${path}": ${why}`, { cause })
  let document: unknown
  try {
    document = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw refuse(cause instanceof SyntaxError ? 'it is not a complete JSON document' : String(cause), cause)
  }
  const { format, version } = document as { format?: unknown; version?: unknown }
  if (format === 'hyperkit-plan')
    throw refuse(
      'it is the output of "plan --json", which cannot be applied; save a plan with "plan --out FILE"',
    )
  if (format !== 'hyperkit-saved-plan')
    throw refuse(`its format is ${JSON.stringify(format)}; save a plan with "plan --out FILE"`)
  if (version !== 1)
    throw refuse(`its version is ${JSON.stringify(version)}, and this program reads version 1; plan again`)
  const result = v.safeParse(savedPlanSchema, document)
  if (!result.success) {
    const [issue] = result.issues
    throw refuse(`"${v.getDotPath(issue) ?? ''}" is invalid: ${issue.message}; plan again`)
  }
  if (!isSealed(result.output)) throw refuse('it was changed after it was written; plan again')
  return result.output
}
