import type { Manifest } from '@hyperkit/reconcile'
import { createFingerprinter, hideSecrets, type OpenOptions, type Preparing } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'

type Secrets = NonNullable<Manifest['secrets']>

/** How many secrets a console hides at least; those of a `watch` may change again and again. */
const keptSecrets = 1_000
const hidden = new WeakMap<ScriptTools['console'], Secrets>()

/**
 * From now on the command writes no secret of the manifest. Those that it hid before stay hidden, because a pass of `watch` may still work
 * with an older manifest; beyond {@link keptSecrets} the ones that are out of use for longest are forgotten.
 */
export function hideSecretsOf(
  { secrets = [] }: Pick<Manifest, 'secrets'>,
  { console }: Pick<ScriptTools, 'console'>,
): void {
  const byValue = new Map<string, Secrets[number]>()
  for (const secret of [...secrets, ...(hidden.get(console) ?? [])])
    if (!byValue.has(secret.value)) byValue.set(secret.value, secret)
  const all = [...byValue.values()].slice(0, Math.max(keptSecrets, secrets.length))
  hidden.set(console, all)
  console.hide((text) => hideSecrets(text, all))
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
  { parallelism, imagesPerServer }: { parallelism?: number; imagesPerServer?: number } = {},
): Preparing {
  return {
    parallelism,
    imagesPerServer,
    signal: tools.signal,
    ...openingOf(tools),
    registryLimits: new Map(),
    hide: (secrets) => hideSecretsOf(secrets === undefined ? {} : { secrets }, tools),
    note: tools.console.note,
    fingerprint: createFingerprinter({ note: tools.console.note, isDry: tools.dryRun }),
  }
}
