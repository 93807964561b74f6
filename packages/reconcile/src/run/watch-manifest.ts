import { ArgumentError } from '@hyperkit/core'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { ApplyEvent } from '../plan/outcome.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { createWatchMetrics } from '../watch/metrics/watch-metrics.ts'
import { explainCron, type Schedule } from '../watch/queue/schedule.ts'
import { defaultLockTimeout } from './apply-plan.ts'
import { keepWatch } from './keep-watch.ts'

/** Options of {@link watchManifest}. All times are milliseconds. */
export interface WatchManifestOptions extends OpenOptions {
  /** Ends the watch: it finishes the step that it is at, and resolves. */
  signal: AbortSignal
  /** Names of servers, or labels that they have. @default all */
  servers?: readonly string[] | undefined
  /** Names of images. @default all */
  targets?: readonly string[] | undefined
  /** Change nothing, and report what differs. @default false */
  dryRun?: boolean | undefined
  /** Look at all servers at least so often; 1_000 or more. @default 600_000, unless there is a schedule */
  interval?: number | undefined
  /** Look at all servers at these times: a cron pattern, in the process's time zone. @default none */
  schedule?: string | undefined
  /** Scheduled looks are late by up to so much. @default a tenth of the interval, at most 30_000 */
  jitter?: number | undefined
  /** How long a changed file must stay as it is. @default 2_000 */
  settle?: number | undefined
  /** How long to wait for another run of the same manifest. @default 90_000 */
  lockTimeout?: number | undefined
  /** Refuse what differs from the lock file. @default false */
  frozen?: boolean | undefined
  /** Called for what happens: changes, runs, servers that are lost and come back, a manifest that is refused. */
  onEvent?: ((event: WatchEvent) => void) | undefined
  /** Called for each step of a run, and for the progress of its transfers. */
  onProgress?: ((event: ApplyEvent) => void) | undefined
}

/**
 * Keeps servers as a manifest says until the signal is aborted: looks at them on events of theirs, when files of the manifest
 * or its images change, and on a schedule. A manifest that is broken meanwhile is reported, and the one before stays in force.
 *
 * @throws {ManifestError} if the manifest on disk is not good when the watch begins
 * @throws {HyperkitError} `invalid-argument` for a server or image that the manifest does not name, and for a bad schedule
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * await watchManifest(manifest, {
 *   signal: AbortSignal.timeout(2_000),
 *   dryRun: true,
 *   onEvent: (event) => console.log(event),
 * })
 * ```
 */
export async function watchManifest(manifest: LoadedManifest, options: WatchManifestOptions): Promise<void> {
  const { signal, servers = [], targets = [], frozen, settle = 2_000, onEvent, onProgress } = options
  await keepWatch(manifest, {
    signal,
    wrapTransport: options.wrapTransport,
    choice: { servers, targets, frozen },
    schedule: settleSchedule(options),
    settle,
    lockTimeout: options.lockTimeout ?? defaultLockTimeout,
    isDry: options.dryRun === true,
    notify: undefined,
    progress: { take: (event) => onProgress?.(event), stop: () => {} },
    tell: (event) => onEvent?.(event),
    hide: () => {},
    metrics: createWatchMetrics({}),
    readiness: { isManifestGood: true, servers: new Map() },
    onReload: () => () => {},
  })
}

const tenMinutes = 600_000

/**
 * The schedule with its defaults.
 *
 * @throws {ArgumentError} for what is no cron pattern, and for an interval of less than a second
 */
export function settleSchedule({
  schedule,
  interval,
  jitter,
}: Pick<WatchManifestOptions, 'schedule' | 'interval' | 'jitter'>): Schedule {
  const problem = schedule === undefined ? undefined : explainCron(schedule, Date.now())
  if (problem !== undefined)
    throw new ArgumentError('schedule', `Cannot watch at "${schedule}", which is no cron pattern: ${problem}`)
  if (interval !== undefined && !(interval >= 1000))
    throw new ArgumentError('interval', `Cannot watch every ${interval} ms: give 1000 or more`)
  const every = interval ?? (schedule === undefined ? tenMinutes : undefined)
  return {
    cron: schedule,
    interval: every,
    jitter: jitter ?? Math.min(30_000, (every ?? tenMinutes) / 10),
  }
}
