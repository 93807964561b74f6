import type { Client } from '@hyperkit/core'
import { pause } from '@hyperkit/core/parts'
import type { ManifestServer } from '../manifest/manifest.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import { feedsOf } from './feeds-of.ts'
import { createFleet } from './fleet.ts'
import { makeAppointments } from './keep-appointments.ts'
import { keepManifest, type LoadedWatch } from './keep-manifest.ts'
import type { Looked } from './looked.ts'
import { countReasons, type MetricsText } from './metrics/watch-metrics.ts'
import { noteRun } from './note-run.ts'
import type { Look } from './queue/agenda.ts'
import { nextScheduled, type Schedule } from './queue/schedule.ts'
import type { Readiness } from './readiness.ts'
import { type WatchedFiles, watchFiles } from './watch-files.ts'

export interface RunWatchOptions {
  signal: AbortSignal
  /** Files and folders of the manifest. */
  paths: readonly string[]
  /** Milliseconds for which files must have stayed as they are. */
  settle: number
  schedule: Schedule
  /** @throws where the manifest is not good */
  load(): Promise<LoadedWatch>
  /** Looks at servers of a manifest and, unless it only looks, makes them as it says. */
  look(loaded: LoadedWatch, servers: Look['servers'], settled: WatchedFiles['settled']): Promise<Looked>
  open(server: ManifestServer): Promise<Client>
  tell(event: WatchEvent): void
  /** Called after each run. */
  onRun(looked: Looked, loaded: LoadedWatch): Promise<void>
  /** Calls back when the manifest is to be loaded again; gives what ends that. */
  onReload(reload: () => void): () => void
  metrics: MetricsText
  /** Kept up to date. */
  readiness: Readiness
}

/** Milliseconds that the first look waits for connections at most. */
const connectWithin = 5_000

/**
 * Keeps servers as a manifest says until the signal is aborted.
 *
 * @throws where there is no good manifest to begin with
 */
export async function runWatch(options: RunWatchOptions): Promise<void> {
  const { signal, settle, tell, metrics, readiness } = options
  const { families } = metrics
  const appointments = makeAppointments({
    signal,
    untilScheduled(since) {
      const now = Date.now()
      const next = nextScheduled(options.schedule, now, Math.random(), since)
      families.nextScheduled.set(next / 1000)
      return next - now
    },
    look: lookOnce,
  })
  const { note } = appointments
  const fleet = createFleet({ ...options, note })
  const sources = watchFiles({ settle, onChange: () => note(undefined, 0, 'source') })
  const manifest = await keepManifest({
    ...options,
    async onLoaded(next) {
      setGood(true)
      tell({ kind: 'manifest', state: 'loaded', message: `loaded "${next.manifest.file}" again` })
      await follow(next)
      note(undefined, 0, 'manifest')
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
    appointments.keepServers(new Set(next.servers.map(({ name }) => name)))
    await Promise.race([
      fleet.follow(next.servers, feedsOf(next.manifest)),
      pause(connectWithin, signal).catch(() => {}),
    ])
  }

  async function lookOnce(look: Look): Promise<void> {
    countReasons(metrics, look.reasons)
    families.running.set(1)
    const begun = performance.now()
    const loaded = manifest.current
    const looked = await options.look(loaded, look.servers, sources.settled)
    const seconds = Math.round(performance.now() - begun) / 1000
    families.running.set(0)
    const isInterrupted = signal.aborted
    const { servers } = fleet
    noteRun(looked, { look, seconds, isInterrupted, servers, tell, metrics, note })
    await options.onRun(looked, loaded)
  }

  const stopReloading = options.onReload(() => manifest.reload())
  try {
    readiness.servers = fleet.servers
    // The events first, so that none is missed after the first look.
    await follow(manifest.current)
    note(undefined, 0, 'start')
    await appointments.keep()
  } finally {
    stopReloading()
    manifest.close()
    sources.close()
    await fleet.ended()
  }
}
