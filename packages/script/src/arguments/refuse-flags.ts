import type { GlobalFlag, GlobalFlags, GlobalUse } from './global-flags.ts'
import { UsageError } from './usage-error.ts'

const shown: Readonly<Record<GlobalFlag, string>> = {
  remote: '--remote',
  project: '--project',
  json: '--json',
  dryRun: '--dry-run',
}

/** @throws UsageError a flag of every script was given that this script refuses, with the reason */
export function refuseFlags({ refuses = {} }: GlobalUse, flags: GlobalFlags): void {
  for (const [flag, reason] of Object.entries(refuses) as [GlobalFlag, string][])
    if (flags[flag] !== undefined && flags[flag] !== false)
      throw new UsageError(`this command does not take "${shown[flag]}": ${reason}`)
}
