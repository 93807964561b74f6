import type { Manifest } from '@hyperkit/reconcile'
import { createFingerprinter, hideSecrets, type OpenOptions, type Preparing } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'

/** From now on the command writes no secret of the manifest. */
export function hideSecretsOf(
  { secrets }: Pick<Manifest, 'secrets'>,
  { console }: Pick<ScriptTools, 'console'>,
): void {
  console.hide((text) => hideSecrets(text, secrets))
}

/** How a command opens connections. */
export function openingOf({
  wrapTransport,
  maxDocument,
  dryRun,
}: Pick<ScriptTools, 'wrapTransport' | 'maxDocument' | 'dryRun'>): OpenOptions {
  return { wrapTransport, maxDocument, keepsNothing: dryRun }
}

/** The tools of a command that planning needs. */
export function preparingOf(
  tools: Pick<ScriptTools, 'console' | 'signal' | 'wrapTransport' | 'maxDocument' | 'dryRun'>,
  { parallelism }: { parallelism?: number } = {},
): Preparing {
  return {
    parallelism,
    signal: tools.signal,
    ...openingOf(tools),
    hide: (secrets) => hideSecretsOf(secrets === undefined ? {} : { secrets }, tools),
    note: tools.console.note,
    fingerprint: createFingerprinter({ note: tools.console.note, isDry: tools.dryRun }),
  }
}
