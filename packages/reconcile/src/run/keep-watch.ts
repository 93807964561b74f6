import type { AuditOptions } from '../audit/audit.ts'
import { lockfilePath } from '../desired/lock/lockfile-path.ts'
import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'
import { checkSelection } from '../manifest/select-servers.ts'
import { openClient } from '../observed/open-client.ts'
import { checkPolicy } from '../plan/guard/check-policy.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { LoadedWatch } from '../watch/keep-manifest.ts'
import type { MetricsText } from '../watch/metrics/watch-metrics.ts'
import type { Schedule } from '../watch/queue/schedule.ts'
import type { Readiness } from '../watch/readiness.ts'
import { rememberFingerprints } from '../watch/remember-fingerprints.ts'
import { runWatch } from '../watch/run-watch.ts'
import { sourceFiles } from '../watch/source-files.ts'
import { createFingerprinter } from './fingerprint-files.ts'
import { createNotifier } from './notify-watch.ts'
import type { PlanChoice, Preparing } from './preparing.ts'
import { createWatchPass, type ShownProgress, watchedServers } from './watch-pass.ts'

/** Options of {@link keepWatch}. */
export interface KeepWatchOptions extends OpenOptions {
  signal: AbortSignal
  choice: PlanChoice
  schedule: Schedule
  /** For how many milliseconds a changed file must stay unchanged before it is used. */
  settle: number
  /** Milliseconds to wait for another run. */
  lockTimeout: number
  /** How many servers are worked on at once. @default 16 */
  parallelism?: number | undefined
  /** How many images of a server are worked on at once, unless the manifest says so. @default 4 */
  imagesPerServer?: number | undefined
  isDry: boolean
  /** A shell command that gets the reports, in addition to the targets of the manifest. */
  notify: string | undefined
  /** How changes are recorded. @default not at all */
  audit?: AuditOptions | undefined
  progress: ShownProgress
  /** Called for each event. */
  tell(event: WatchEvent): void
  hide: Preparing['hide']
  metrics: MetricsText
  readiness: Readiness
  /** Registers a callback for requests to load the manifest again; returns a function that removes it. */
  onReload(reload: () => void): () => void
}

/**
 * Keeps servers in line with a manifest until the signal is aborted.
 *
 * @throws if the manifest is not valid at the start
 */
export async function keepWatch(
  { paths }: Pick<LoadedManifest, 'paths'>,
  options: KeepWatchOptions,
): Promise<void> {
  const { signal, choice, schedule, settle, tell, metrics, readiness, onReload } = options
  let settled = (_path: string): string | undefined => undefined
  const fingerprint = rememberFingerprints({
    read: createFingerprinter({ isDry: options.isDry }),
    settled: (file) => settled(file),
    onStale: reportStale(tell),
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
    runPass(loaded, pass, settledSign, onWorked) {
      settled = settledSign
      return runPass(loaded, pass, settledSign, onWorked)
    },
    open: (server) => openClient(server, { ...options, keepsNothing: options.isDry }),
    onRun: createNotifier(options.notify, metrics, tell, signal),
    onReload,
  })
}

/** Loads a manifest, and determines which servers and files are watched. */
export async function loadWatch(
  paths: readonly string[],
  choice: PlanChoice,
  hide: Preparing['hide'],
): Promise<LoadedWatch> {
  const manifest = await loadManifest(paths)
  hide(manifest.secrets)
  checkSelection(manifest, choice)
  checkPolicy(manifest)
  const sources = [...sourceFiles(manifest), await lockfilePath(paths)]
  return { manifest, servers: watchedServers(manifest, choice), sources }
}

/** Reports a file that is used in an older version, once for each reason. */
function reportStale(tell: (event: WatchEvent) => void): (files: string, why: string | undefined) => void {
  const reported = new Map<string, string>()
  return (files, why) => {
    if (why === reported.get(files)) return
    if (why === undefined) return void reported.delete(files)
    reported.set(files, why)
    tell({ kind: 'message', message: `still using "${files}" as last read: ${why}` })
  }
}
