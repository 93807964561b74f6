import { rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { RunReport } from '../documents/run-report.ts'
import type { Notify, NotifyTarget } from '../manifest/notify.ts'
import { postReport } from './post-report.ts'
import { runCommand } from './run-command.ts'

/**
 * Hands the report of a run over to who is to have it, all at the same time.
 *
 * @param report without secrets
 * @returns what went wrong, a sentence each: it never changes what became of the run
 */
export async function handOver(
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
    const message = error instanceof Error ? error.message : String(error)
    return `Cannot notify ${nameOf(target)}: ${message}`
  }
}

/** Of a webhook only the server: the rest of its address is often what gives access to it. */
function nameOf(target: NotifyTarget): string {
  if (target.kind === 'webhook') return `"${new URL(target.url).origin}"`
  return target.kind === 'shell' ? `with "${target.command}"` : `with "${target.command.join(' ')}"`
}

/** A file that only this user may read, for as long as it is needed. */
async function withFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperkit-report-'))
  // Also where a second signal ends this process at once.
  const leave = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', leave)
  try {
    const path = join(folder, 'report.json')
    await writeFile(path, text, { mode: 0o600 })
    await use(path)
  } finally {
    process.off('exit', leave)
    await rm(folder, { recursive: true, force: true })
  }
}
