import type { Manifest } from '@hyperkit/reconcile'
import { hideSecrets, type Preparing } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'

/** From now on nothing that the command writes has a secret of the manifest in it. */
export function hideSecretsOf(
  { secrets }: Pick<Manifest, 'secrets'>,
  { console }: Pick<ScriptTools, 'console'>,
): void {
  console.hide((text) => hideSecrets(text, secrets))
}

/** What the way to a plan needs of a command. */
export function preparingOf(tools: Pick<ScriptTools, 'console' | 'signal' | 'wrapTransport'>): Preparing {
  return {
    signal: tools.signal,
    wrapTransport: tools.wrapTransport,
    hide: (secrets) => hideSecretsOf(secrets === undefined ? {} : { secrets }, tools),
    note: tools.console.note,
  }
}
