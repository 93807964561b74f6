import { lockfilePath } from '../desired/lock/lockfile-path.ts'
import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'
import { checkSelection } from '../manifest/select-servers.ts'
import { openClient } from '../observed/open-client.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { LoadedWatch } from '../watch/keep-manifest.ts'
import type { MetricsText } from '../watch/metrics/watch-metrics.ts'
import type { Schedule } from '../watch/queue/schedule.ts'
import type { Readiness } from '../watch/readiness.ts'
import { rememberFingerprints } from '../watch/remember-fingerprints.ts'
import { runWatch } from '../watch/run-watch.ts'
import { sourceFiles } from '../watch/source-files.ts'
import { createNotifier } from './notify-watch.ts'
import type { PlanChoice, Preparing } from './prepare-plan.ts'
import { fingerprintFiles } from './resolve-locked.ts'
import { createWatchPass, type ShownProgress, watchedServers } from './watch-pass.ts'

/** All that a watch works with. */
export interface KeepWatchOptions extends OpenOptions {
  signal: AbortSignal
  choice: PlanChoice
  schedule: Schedule
  /** Milliseconds for which files must have stayed as they are. */
  settle: number
  /** Milliseconds to wait for another run. */
  lockTimeout: number
  isDry: boolean
  /** A line for the shell that gets the reports, besides what the manifest names. */
  notify: string | undefined
  progress: ShownProgress
  /** Called for what happens. */
  tell(event: WatchEvent): void
  hide: Preparing['hide']
  metrics: MetricsText
  readiness: Readiness
  /** Calls back when the manifest is to be loaded again; gives what ends that. */
  onReload(reload: () => void): () => void
}

/**
 * Keeps servers as a manifest says until the signal is aborted.
 *
 * @throws if there is no good manifest to begin with
 */
export async function keepWatch(
  { paths }: Pick<LoadedManifest, 'paths'>,
  options: KeepWatchOptions,
): Promise<void> {
  const { signal, choice, schedule, settle, tell, metrics, readiness, onReload, wrapTransport } = options
  let settled = (_path: string): string | undefined => undefined
  const fingerprint = rememberFingerprints({
    read: fingerprintFiles,
    settled: (file) => settled(file),
    onStale: tellStale(tell),
  })
  const runPass = createWatchPass({ ...options, fingerprint })
  await runWatch({
    signal,
    paths,
    settle,
    schedule,
    load: () => loadWatch(paths, choice, options.hide),
    tell,
    metrics,
    readiness,
    runPass(loaded, servers, settledSign) {
      settled = settledSign
      return runPass(loaded, servers, settledSign)
    },
    open: (server) => openClient(server, { wrapTransport }),
    onRun: createNotifier(options.notify, metrics, tell, signal),
    onReload,
  })
}

/** A manifest, with what of it is watched. */
export async function loadWatch(
  paths: readonly string[],
  choice: PlanChoice,
  hide: Preparing['hide'],
): Promise<LoadedWatch> {
  const manifest = await loadManifest(paths)
  hide(manifest.secrets)
  checkSelection(manifest, choice)
  const sources = [...sourceFiles(manifest), await lockfilePath(paths)]
  return { manifest, servers: watchedServers(manifest, choice), sources }
}

/** A file that is not as it was told is told once, and again when it is otherwise. */
function tellStale(tell: (event: WatchEvent) => void): (files: string, why: string | undefined) => void {
  const told = new Map<string, string>()
  return (files, why) => {
    if (why === told.get(files)) return
    if (why === undefined) return void told.delete(files)
    told.set(files, why)
    tell({ kind: 'message', message: `"${files}" counts as it was when it was last read: ${why}` })
  }
}
