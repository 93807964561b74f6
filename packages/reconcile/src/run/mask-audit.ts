import type { AuditOptions } from '../audit/audit.ts'
import type { AuditLine } from '../documents/audit.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { hideSecrets } from './hide-secrets.ts'

/** Records a line; a promise that rejects stops the change that the line is about. */
export type WriteAudit = (line: AuditLine) => Promise<void> | void

/** The audit of a function of the library, in which the secrets of the manifest are masked. */
export function maskAudit(
  command: string,
  write: WriteAudit | undefined,
  { secrets }: Pick<Manifest, 'secrets'>,
): AuditOptions | undefined {
  if (write === undefined) return undefined
  return { command, write: (line) => write(JSON.parse(hideSecrets(JSON.stringify(line), secrets))) }
}
