import { checkReportPaths } from '@hyperkit/reconcile/parts'
import { type ScriptTools, UsageError } from '@hyperkit/script'

/** Checks before a run that its reports can be written after it; a dry run writes none. */
export async function checkReports(
  paths: readonly string[],
  { dryRun }: Pick<ScriptTools, 'dryRun'>,
): Promise<void> {
  if (dryRun && paths.length > 0)
    throw new UsageError(
      '"--dry-run" writes nothing, and "--report" writes a file: leave one of them out; "plan --report" describes what would be done',
    )
  await checkReportPaths(paths)
}
