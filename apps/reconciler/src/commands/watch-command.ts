import process from 'node:process'
import type { Address, LoadedWatch, PlanInput, Schedule, WatchEvent } from '@hyperkit/reconcile/parts'
import {
  checkSelection,
  createWatchMetrics,
  describeReadiness,
  fingerprintFiles,
  loadManifests,
  lockfilePath,
  type MetricsText,
  openClient,
  type Readiness,
  rememberFingerprints,
  runWatch,
  type ServedStatus,
  serveStatus,
  sourceFiles,
} from '@hyperkit/reconcile/parts'
import { confirm, isInteractive } from '@hyperkit/terminal'
import { defaultLockTimeout } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { type ManifestOptions, readInput } from './manifest-options.ts'
import { createNotifier } from './notify-watch.ts'
import { readVersion } from './read-version.ts'
import { type ProgressKind, showProgress } from './show-progress.ts'
import { tellWatch } from './tell-watch.ts'
import { createWatchLook, watchedServers } from './watch-look.ts'

/** Times in milliseconds. */
export interface WatchOptions extends ManifestOptions {
  yes?: true
  dryRun?: true
  interval?: number
  schedule?: string
  jitter?: number
  settle: number
  listen: Address | false
  /** Seconds. */
  lockTimeout?: number
  json?: true
  progress: ProgressKind
  notify?: string
}

/** Keeps servers as a manifest says until a signal ends it. */
export async function watchCommand(
  path: string | undefined,
  options: WatchOptions,
  context: CommandContext,
): Promise<void> {
  const { console, signal, exitWith } = context
  if (options.progress === 'json') console.useEvents()
  const input = readInput(path, options)
  const load = (): Promise<LoadedWatch> => loadWatch(input, context)
  if (!(await isAllowed(await load(), options, context))) return exitWith(1)
  const metrics = createWatchMetrics(describeBuild())
  metrics.families.started.set(Math.round(Date.now() / 1000 - process.uptime()))
  const readiness: Readiness = { isManifestGood: true, servers: new Map() }
  const tell = tellWatch(console, options.json === true)
  const status = await serve(options.listen, metrics, readiness, context, tell)
  let settled = (_path: string): string | undefined => undefined
  const fingerprint = rememberFingerprints({
    read: fingerprintFiles,
    settled: (file) => settled(file),
    onStale: tellStale(tell),
  })
  const { lockTimeout = defaultLockTimeout, settle } = options
  const progress = showProgress(console, options.progress)
  const isDry = options.dryRun === true
  const look = createWatchLook(
    {
      input,
      isDry,
      lockTimeout: lockTimeout * 1000,
      fingerprint,
      progress,
      tell,
      metrics,
    },
    context,
  )
  try {
    await runWatch({
      ...{
        signal,
        paths: input.paths,
        settle,
        schedule: scheduleOf(options),
        load,
        tell,
        metrics,
        readiness,
      },
      look(loaded, servers, settledSign) {
        settled = settledSign
        return look(loaded, servers, settledSign)
      },
      open: openClient,
      onRun: createNotifier(options.notify, metrics, tell, signal),
      onReload,
    })
  } finally {
    await status?.close()
  }
}

async function loadWatch(input: PlanInput, { console }: CommandContext): Promise<LoadedWatch> {
  const loaded = await loadManifests(input.paths)
  console.hide(loaded.manifest.secrets)
  checkSelection(loaded.manifest, input)
  const sources = [...sourceFiles(loaded.manifest), await lockfilePath(input.paths)]
  return { ...loaded, servers: watchedServers(loaded, input), sources }
}

/** Whoever starts a watch agrees to what it will do; who could not be asked must have said so. */
async function isAllowed(
  { servers }: LoadedWatch,
  { yes, dryRun, progress }: WatchOptions,
  { console, signal }: CommandContext,
): Promise<boolean> {
  if (yes || dryRun) return true
  if (progress === 'json' || !isInteractive()) {
    await console.error(
      'Cannot watch without being asked: this is no terminal; give --yes to change servers, or --dry-run to only tell what differs',
    )
    return false
  }
  const names = servers.map(({ name }) => name).join(', ')
  if (await confirm(`Change ${names} from now on whenever they are not as the manifest says?`, signal))
    return true
  await console.error('Nothing was done')
  return false
}

async function serve(
  address: Address | false,
  { families, registry }: MetricsText,
  readiness: Readiness,
  { console }: CommandContext,
  tell: (event: WatchEvent) => void,
): Promise<ServedStatus | undefined> {
  if (address === false) return undefined
  const status = await serveStatus({
    address,
    metrics() {
      families.memory.set(process.memoryUsage().rss)
      return console.hidden(registry.render())
    },
    readiness() {
      const { isReady, text } = describeReadiness(readiness)
      return { isReady, text: console.hidden(text) }
    },
  })
  tell({ kind: 'message', message: `serving ${status.url}/healthz, /readyz and /metrics` })
  return status
}

const tenMinutes = 600_000

function scheduleOf({ schedule, interval, jitter }: WatchOptions): Schedule {
  const every = interval ?? (schedule === undefined ? tenMinutes : undefined)
  return {
    cron: schedule,
    interval: every,
    jitter: jitter ?? Math.min(30_000, (every ?? tenMinutes) / 10),
  }
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

function describeBuild(): Record<string, string> {
  const { bun, deno, node = '' } = process.versions as Record<string, string | undefined>
  const [runtime, runtimeVersion] =
    bun !== undefined ? ['bun', bun] : deno !== undefined ? ['deno', deno] : ['node', node]
  return { version: readVersion(), runtime, runtime_version: runtimeVersion }
}

function onReload(reload: () => void): () => void {
  process.on('SIGHUP', reload)
  return () => process.off('SIGHUP', reload)
}
