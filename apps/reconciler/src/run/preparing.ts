import type { Manifest } from '@hyperkit/reconcile'
import { createFingerprinter, hideSecrets, type Preparing } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'

/** From now on the command writes no secret of the manifest. */
export function hideSecretsOf(
  { secrets }: Pick<Manifest, 'secrets'>,
  { console }: Pick<ScriptTools, 'console'>,
): void {
  console.hide((text) => hideSecrets(text, secrets))
}

/** The tools of a command that planning needs. */
export function preparingOf(
  tools: Pick<ScriptTools, 'console' | 'signal' | 'wrapTransport' | 'maxDocument' | 'dryRun'>,
): Preparing {
  return {
    signal: tools.signal,
    wrapTransport: tools.wrapTransport,
    maxDocument: tools.maxDocument,
    hide: (secrets) => hideSecretsOf(secrets === undefined ? {} : { secrets }, tools),
    note: tools.console.note,
    fingerprint: createFingerprinter({ note: tools.console.note, isDry: tools.dryRun }),
  }
}
