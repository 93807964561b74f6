import { loadManifest, readHistory, renderHistory } from '@hyperkit/reconcile'
import { renderHistoryJson } from '@hyperkit/reconcile/parts'
import type { CommandContext } from './command-context.ts'
import { readPaths } from './manifest-options.ts'
import type { FleetOptions } from './read-fleet.ts'

export async function historyCommand(
  image: string | undefined,
  options: FleetOptions & { json?: true },
  { console, signal, wrapTransport, exitWith }: CommandContext,
): Promise<void> {
  const manifest = await loadManifest(readPaths(undefined, options))
  console.hide(manifest.secrets)
  const history = await readHistory(manifest, { signal, wrapTransport, image, servers: options.server })
  await console.result(options.json ? renderHistoryJson(history) : renderHistory(history, console.paint))
  if (history.servers.some(({ error }) => error !== undefined)) exitWith(1)
}
