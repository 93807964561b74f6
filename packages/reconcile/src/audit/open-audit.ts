import { hideSecrets } from '@hyperkit/core/parts'
import { openAppended } from '@hyperkit/files/parts'
import { showText } from '@hyperkit/terminal/text'
import type { AuditLine } from '../documents/audit.ts'
import { openJournal } from './open-journal.ts'

/** Options of {@link openAudit}. */
export interface OpenAuditOptions {
  /** Ends waiting for the reader of a FIFO, and for the journal before a change. */
  signal?: AbortSignal | undefined
  /** Replaces secrets in a line of JSON. @default nothing is replaced */
  hide?: ((line: string) => string) | undefined
}

/** Where the changes of runs are recorded. */
export interface OpenedAudit {
  /**
   * Writes a line, and resolves when it is stored.
   *
   * @throws {HyperkitError} `file-unwritable`
   */
  write(line: AuditLine): Promise<void>
  /** Waits for the last line, and closes what was opened. */
  close(): Promise<void>
}

/**
 * Opens a file that lines are appended to, or the journal of systemd. A new file is readable only by its user. A device, a FIFO or
 * `/dev/stdout` is written to.
 *
 * @param target a path; `journald` for the journal (`./journald` for a file of this name)
 * @throws {HyperkitError} `file-unwritable`, also if there is no journal
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const audit = await openAudit('audit.ndjson')
 * await applyPlan(await planManifest(manifest), { manifest, audit: audit.write })
 * await audit.close()
 * ```
 */
export async function openAudit(target: string, options: OpenAuditOptions = {}): Promise<OpenedAudit> {
  const { signal, hide = (line) => line } = options
  const sink =
    target === 'journald'
      ? await openJournal({ signal })
      : await openAppended(target, { action: 'audit to', signal })
  // One line after the other, also if several servers are changed at once.
  let last: Promise<void> = Promise.resolve()
  return {
    write(line) {
      // Errors may quote addresses with signed queries, of redirects and proxies too.
      const json = JSON.stringify(line, (_, value: unknown) =>
        typeof value === 'string' ? hideSecrets(value) : value,
      )
      const text = showText(hide(json))
      const written = last.then(() => sink.append(`${text}\n`, line))
      last = written.catch(() => {})
      return written
    },
    async close() {
      await last
      await sink.close()
    },
  }
}
