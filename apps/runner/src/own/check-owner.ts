import { stat } from 'node:fs/promises'
import process from 'node:process'
import { UsageError } from '@hyperkit/script'

/**
 * Refuses to run a script by its name if another user could have put it there: in a directory that several users can write to, or after
 * `cd` into a stranger's. It is the rule of git: files must belong to this user; under sudo, to the user who called it.
 *
 * @param named the files that name the script
 * @throws UsageError
 */
export async function checkOwner(path: string, shown: string, named: readonly string[]): Promise<void> {
  const self = process.geteuid?.()
  if (self === undefined) return
  const sudo = self === 0 ? Number(process.env.SUDO_UID) : Number.NaN
  for (const file of [...named, path]) {
    const { uid } = await stat(file)
    if (uid === self || uid === sudo) continue
    const what = file === path ? 'it' : JSON.stringify(file)
    throw new UsageError(
      `${JSON.stringify(shown)} was not run: ${what} belongs to another user; if you trust it, run it by its path: hyperkit ./${shown}`,
    )
  }
}
