import { ArgumentError } from '@hyperkit/core'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { createWatchMetrics } from '../watch/metrics/watch-metrics.ts'
import { explainCron, type Schedule } from '../watch/queue/schedule.ts'
import { defaultLockTimeout } from './apply-plan.ts'
import { keepWatch } from './keep-watch.ts'
import { maskAudit, type WriteAudit } from './mask-audit.ts'
import { checkParallelism } from './run-options.ts'

/** Options of {@link watchManifest}. All times are milliseconds. */
export interface WatchManifestOptions extends OpenOptions {
  /** Ends the watch: it finishes its current step, and the promise resolves. */
  signal: AbortSignal
  /** Names of servers, or labels such as `tier=edge`. @default all */
  servers?: readonly string[] | undefined
  /** Names of images. @default all */
  targets?: readonly string[] | undefined
  /** Whether to change nothing and report drift instead. @default false */
  dryRun?: boolean | undefined
  /** The longest time between two passes over all servers; 1_000 or more. @default 600_000, unless there is a schedule */
  interval?: number | undefined
  /** When to check all servers: a cron pattern in the time zone of the process. @default none */
  schedule?: string | undefined
  /** The longest random delay of a scheduled pass. @default a tenth of the interval, at most 30_000 */
  jitter?: number | undefined
  /** How long a changed file must stay unchanged before it is used. @default 2_000 */
  settle?: number | undefined
  /** How long to wait for another run of the same manifest. @default 90_000 */
  lockTimeout?: number | undefined
  /** How many servers are worked on at once: an integer, 1 or more. @default 16 */
  parallelism?: number | undefined
  /** How many images of a server are worked on at once, unless its `imagesAtOnce` says so: an integer, 1 or more. @default 4 */
  imagesPerServer?: number | undefined
  /** Refuse differences from the lock file. @default false */
  frozen?: boolean | undefined
  /**
   * Called with a line before and after each change, such as the `write` of openAudit. If it fails before a change, the change is not made.
   * Secrets of the manifest are masked.
   */
  audit?: WriteAudit | undefined
  /** Called for each event: changes, passes, servers that become unreachable or come back, a manifest that is refused. */
  onEvent?: ((event: WatchEvent) => void) | undefined
  /** Called for each step of a pass, and for the progress of its transfers. */
  onProgress?: ((event: ApplyEvent) => void) | undefined
}

/**
 * Keeps servers in line with a manifest until the signal is aborted. It checks them when they report events, when files of the
 * manifest or its images change, and on a schedule. If the manifest becomes invalid, that is reported, and the last valid one
 * stays in use.
 *
 * @throws {ManifestError} if the manifest on disk is not valid when the watch starts
 * @throws {HyperkitError} `invalid-argument` for a server or image that the manifest does not declare, and for an invalid schedule, `parallelism` or `imagesPerServer`
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
  checkParallelism(options)
  await keepWatch(manifest, {
    signal,
    wrapTransport: options.wrapTransport,
    maxDocument: options.maxDocument,
    choice: { servers, targets, frozen },
    schedule: normalizeSchedule(options),
    settle,
    lockTimeout: options.lockTimeout ?? defaultLockTimeout,
    parallelism: options.parallelism,
    imagesPerServer: options.imagesPerServer,
    isDry: options.dryRun === true,
    notify: undefined,
    audit: maskAudit('watchManifest', options.audit, manifest),
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
 * Fills in the defaults of a schedule.
 *
 * @throws {ArgumentError} for an invalid cron pattern, and for an interval of less than a second
 */
export function normalizeSchedule({
  schedule,
  interval,
  jitter,
}: Pick<WatchManifestOptions, 'schedule' | 'interval' | 'jitter'>): Schedule {
  const problem = schedule === undefined ? undefined : explainCron(schedule, Date.now())
  if (problem !== undefined)
    throw new ArgumentError(
      'schedule',
      `Cannot watch with schedule "${schedule}": it is not a valid cron pattern: ${problem}`,
    )
  if (interval !== undefined && !(interval >= 1000))
    throw new ArgumentError('interval', `Cannot watch with an interval of ${interval} ms: use 1000 or more`)
  const every = interval ?? (schedule === undefined ? tenMinutes : undefined)
  return {
    cron: schedule,
    interval: every,
    jitter: jitter ?? Math.min(30_000, (every ?? tenMinutes) / 10),
  }
}
