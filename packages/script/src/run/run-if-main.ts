import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { openScreen } from '@hyperkit/terminal'
import type { Script } from '../script.ts'
import { isClaimed } from './claim-process.ts'
import { runScript } from './run-script.ts'

/**
 * The last line of a script that also runs by itself. Runs the script and ends the process if its file was started, and
 * does nothing otherwise.
 *
 * @example
 * ```ts
 * const script = defineScript({ description: 'Do nothing', run() {} })
 * export default script
 * await runIfMain(import.meta, script)
 * ```
 */
export async function runIfMain(meta: ImportMeta, script: Script): Promise<void> {
  if (!isMain(meta)) return
  const command = basename(fileURLToPath(meta.url))
  process.exit(await runScript(script, process.argv.slice(2), { command, screen: openScreen() }))
}

function isMain(meta: ImportMeta): boolean {
  if (isClaimed()) return false
  // Bun, Deno, Node from 24.2 on.
  const { main } = meta as { main?: boolean }
  if (main !== undefined) return main
  const [, started] = process.argv
  if (started === undefined || !meta.url.startsWith('file:')) return false
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(meta.url))
  } catch {
    return false
  }
}
