import { rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { messageOf } from '@hyperkit/core/parts'
import type { RunReport } from '../documents/run-report.ts'
import type { Notify, NotifyTarget } from '../manifest/notify.ts'
import { postReport } from './post-report.ts'
import { runCommand } from './run-command.ts'

/**
 * Sends the report of a run to all targets at the same time.
 *
 * @param report must contain no secrets
 * @returns a message for each target that failed; such a failure never changes the result of the run
 */
export async function sendReport(
  report: RunReport,
  { targets, timeout }: Pick<Notify, 'targets' | 'timeout'>,
): Promise<string[]> {
  const text = `${JSON.stringify(report, null, 2)}\n`
  const problems = await Promise.all(targets.map((target) => tryTarget(target, text, report, timeout)))
  return problems.filter((problem) => problem !== undefined)
}

async function tryTarget(
  target: NotifyTarget,
  text: string,
  report: RunReport,
  timeout: number,
): Promise<string | undefined> {
  try {
    if (target.kind === 'webhook') await postReport(target, text, timeout)
    else await withFile(text, (path) => runCommand(target, { text, path, report, timeout }))
    return undefined
  } catch (error) {
    const message = messageOf(error)
    return `Cannot notify ${nameOf(target)}: ${message}`
  }
}

/** The name of a target in messages. For a webhook only the server: the rest of its address often gives access to it. */
function nameOf(target: NotifyTarget): string {
  if (target.kind === 'webhook') return `"${new URL(target.url).origin}"`
  return target.kind === 'shell' ? `with "${target.command}"` : `with "${target.command.join(' ')}"`
}

/** Provides a temporary file that only this user may read. */
async function withFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperkit-report-'))
  // The file is removed even if a second signal ends this process at once.
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    const path = join(folder, 'report.json')
    await writeFile(path, text, { mode: 0o600 })
    await use(path)
  } finally {
    process.off('exit', remove)
    await rm(folder, { recursive: true, force: true })
  }
}
