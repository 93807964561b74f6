import type { Client } from '@hyperkit/core'
import { pause } from '@hyperkit/core/parts'
import type { ManifestServer } from '../manifest/manifest.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import { createScheduler } from './create-scheduler.ts'
import { findDependents } from './find-dependents.ts'
import { keepManifest, type LoadedWatch } from './keep-manifest.ts'
import { listenToServers } from './listen-to-servers.ts'
import { countReasons, type MetricsText } from './metrics/watch-metrics.ts'
import type { PassResult, ServerResult } from './pass-result.ts'
import type { Pass } from './queue/pass-queue.ts'
import { nextScheduled, type Schedule } from './queue/schedule.ts'
import type { Readiness } from './readiness.ts'
import { recordPass } from './record-pass.ts'
import { type WatchedFiles, watchFiles } from './watch-files.ts'

export interface RunWatchOptions {
  signal: AbortSignal
  /** Files and folders of the manifest. */
  paths: readonly string[]
  /** Milliseconds for which files must stay unchanged. */
  settle: number
  schedule: Schedule
  /** @throws if the manifest is not good */
  load(): Promise<LoadedWatch>
  /**
   * Runs a pass over servers of a manifest: plans, and makes the changes unless it is a dry run.
   *
   * @param onWorked called with the result of each server whose work has ended, but for what is pruned
   */
  runPass(
    loaded: LoadedWatch,
    pass: Pass,
    settled: WatchedFiles['settled'],
    onWorked: (result: ServerResult) => void,
  ): Promise<PassResult>
  open(server: ManifestServer): Promise<Client>
  tell(event: WatchEvent): void
  /** Called after each pass. */
  onRun(result: PassResult, loaded: LoadedWatch): Promise<void>
  /** Registers a callback that loads the manifest again; the result unregisters it. */
  onReload(reload: () => void): () => void
  metrics: MetricsText
  /** Kept up to date. */
  readiness: Readiness
}

/** Milliseconds that the first pass waits at most for connections. */
const connectWithin = 1_000

/**
 * Keeps servers as a manifest says until the signal is aborted.
 *
 * @throws if there is no good manifest to begin with
 */
export async function runWatch(options: RunWatchOptions): Promise<void> {
  const { signal, settle, tell, metrics, readiness } = options
  const { families } = metrics
  let notified = Promise.resolve()
  const scheduler = createScheduler({
    signal,
    servers: () => manifest.current.servers.map(({ name }) => name),
    // Whether a server may begin can depend on all those of earlier waves.
    isExclusive: () => manifest.current.manifest.rollout !== undefined,
    untilScheduled(since) {
      const now = Date.now()
      const next = nextScheduled(options.schedule, now, Math.random(), since)
      families.nextScheduled.set(next / 1000)
      return next - now
    },
    runPass,
  })
  const { enqueue, enqueueAfter } = scheduler
  const listeners = listenToServers({ ...options, enqueue })
  const sources = watchFiles({ settle, onChange: () => enqueue(undefined, 0, 'source') })
  const manifest = await keepManifest({
    ...options,
    async onLoaded(next) {
      setGood(true)
      tell({ kind: 'manifest', state: 'loaded', message: `reloaded "${next.manifest.file}"` })
      await follow(next)
      enqueue(undefined, 0, 'manifest')
    },
    onRefused(message) {
      setGood(false)
      tell({ kind: 'manifest', state: 'refused', message })
    },
  })

  function setGood(isGood: boolean): void {
    readiness.isManifestGood = isGood
    families.manifestGood.set(isGood ? 1 : 0)
  }

  async function follow(next: LoadedWatch): Promise<void> {
    families.manifestLoaded.set(Date.now() / 1000)
    await sources.follow(next.sources)
    scheduler.keepServers(new Set(next.servers.map(({ name }) => name)))
    await Promise.race([
      listeners.follow(next.servers, findDependents(next.manifest)),
      pause(connectWithin, signal).catch(() => {}),
    ])
    listeners.beginWithout()
  }

  let running = 0
  let number = 0
  async function runPass(pass: Pass, release: (server: string) => void): Promise<void> {
    countReasons(metrics, pass.reasons)
    running += 1
    number += 1
    families.running.set(1)
    const begun = performance.now()
    const loaded = manifest.current
    const { servers } = listeners
    const record = recordPass({
      pass,
      number,
      servers,
      tell,
      metrics,
      enqueue,
      enqueueAfter,
      isInterrupted: () => signal.aborted,
    })
    const result = await options.runPass(loaded, pass, sources.settled, (worked) => {
      record.worked(worked)
      release(worked.name)
    })
    running -= 1
    families.running.set(running > 0 ? 1 : 0)
    record.end(result, Math.round(performance.now() - begun) / 1000)
    // Reports are sent one after the other, in the order in which the passes ended.
    notified = notified.then(() => options.onRun(result, loaded))
    await notified
  }

  const stopReloading = options.onReload(() => manifest.reload())
  try {
    readiness.servers = listeners.servers
    // Connections come first, so that no event is missed after the first pass.
    await follow(manifest.current)
    enqueue(undefined, 0, 'start')
    await scheduler.run()
  } finally {
    stopReloading()
    manifest.close()
    sources.close()
    await listeners.ended()
  }
}
