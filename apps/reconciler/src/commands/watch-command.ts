import process from 'node:process'
import type { WatchEvent } from '@hyperkit/reconcile'
import {
  type Address,
  createWatchMetrics,
  describeReadiness,
  keepWatch,
  type LoadedWatch,
  loadWatch,
  type MetricsText,
  type Readiness,
  type ServedStatus,
  serveStatus,
  settleSchedule,
} from '@hyperkit/reconcile/parts'
import { confirm, isInteractive } from '@hyperkit/terminal'
import { defaultLockTimeout } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { type ManifestOptions, readInput } from './manifest-options.ts'
import { readVersion } from './read-version.ts'
import { type ProgressKind, showProgress } from './show-progress.ts'
import { tellWatch } from './tell-watch.ts'

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
  const loaded = await loadWatch(input.paths, input, console.hide)
  if (!(await isAllowed(loaded, options, context))) return exitWith(1)
  const metrics = createWatchMetrics(describeBuild())
  metrics.families.started.set(Math.round(Date.now() / 1000 - process.uptime()))
  const readiness: Readiness = { isManifestGood: true, servers: new Map() }
  const tell = tellWatch(console, options.json === true)
  const status = await serve(options.listen, metrics, readiness, context, tell)
  const { lockTimeout = defaultLockTimeout, settle } = options
  const progress = showProgress(console, options.progress)
  try {
    await keepWatch(loaded.manifest, {
      signal,
      wrapTransport: context.wrapTransport,
      choice: input,
      schedule: settleSchedule(options),
      settle,
      lockTimeout: lockTimeout * 1000,
      isDry: options.dryRun === true,
      notify: options.notify,
      progress,
      tell,
      hide: console.hide,
      metrics,
      readiness,
      onReload,
    })
  } finally {
    await status?.close()
  }
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
