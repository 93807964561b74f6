import process from 'node:process'
import type { WatchEvent } from '@hyperkit/reconcile'
import {
  type Address,
  createWatchMetrics,
  describeMessage,
  describeReadiness,
  keepWatch,
  type LoadedWatch,
  loadWatch,
  type MetricsText,
  normalizeSchedule,
  type Readiness,
  type ServedStatus,
  serveStatus,
} from '@hyperkit/reconcile/parts'
import { defineScript, type ScriptTools } from '@hyperkit/script'
import * as v from 'valibot'
import {
  changeArguments,
  changesServers,
  imagesArguments,
  manifestWord,
  notifyArguments,
  type ProgressKind,
  progressArguments,
  selectionArguments,
} from '../arguments/manifest-arguments.ts'
import { readInput } from '../arguments/read-input.ts'
import { scheduleArguments } from '../arguments/watch-arguments.ts'
import { descriptions } from '../descriptions.ts'
import { isConfirmed } from '../run/is-confirmed.ts'
import { openCommandAudit } from '../run/open-audit.ts'
import { preparingOf } from '../run/preparing.ts'
import { printWatch } from '../run/print-watch.ts'
import { showProgress } from '../run/show-progress.ts'

/** Keeps servers matching a manifest until a signal ends it. */
export default defineScript({
  description: descriptions.watch,
  details: 'With --json it prints one JSON document per line, one for each event.',
  ...changesServers,
  args: v.object({
    manifest: manifestWord(),
    ...selectionArguments,
    ...imagesArguments,
    ...changeArguments,
    ...scheduleArguments,
    ...notifyArguments,
    ...progressArguments('none'),
  }),
  async run({ args, ...tools }) {
    const { console, signal, wrapTransport, maxDocument, json, dryRun } = tools
    if (args.progress === 'json') console.describeLines(describeMessage)
    const input = readInput(args)
    const { hide } = preparingOf(tools)
    const loaded = await loadWatch(input.paths, input, hide)
    const audit = await openCommandAudit(args.audit, tools)
    if (!(await isAllowed(loaded, args, tools))) return
    const metrics = createWatchMetrics(describeBuild(tools.version))
    metrics.families.started.set(Math.round(Date.now() / 1000 - process.uptime()))
    const readiness: Readiness = { isManifestGood: true, servers: new Map() }
    const tell = printWatch(console, json)
    const status = await serve(args.noListen ? undefined : args.listen, metrics, readiness, tools, tell)
    const { settle, lockTimeout, notify, parallelism, imagesPerServer } = args
    try {
      await keepWatch(loaded.manifest, {
        signal,
        wrapTransport,
        maxDocument,
        settle,
        lockTimeout,
        parallelism,
        imagesPerServer,
        notify,
        audit: audit.options,
        tell,
        hide,
        metrics,
        readiness,
        onReload,
        choice: input,
        schedule: normalizeSchedule(args),
        isDry: dryRun,
        progress: showProgress(console, args.progress),
      })
    } finally {
      await status?.close()
      await audit.close()
    }
  },
})

/** Starting a watch confirms all of its changes, so it asks once. */
async function isAllowed(
  { servers }: LoadedWatch,
  { yes, progress }: { yes: boolean; progress: ProgressKind },
  tools: ScriptTools,
): Promise<boolean> {
  if (yes || tools.dryRun) return true
  const names = servers.map(({ name }) => name).join(', ')
  return isConfirmed(
    {
      question: `Watch ${names}, and change what differs from the manifest without asking again?`,
      refusal:
        'Cannot watch without confirmation: there is no terminal to ask on; give --yes to change servers, or --dry-run to only report differences',
      isForPrograms: progress === 'json',
    },
    tools,
  )
}

async function serve(
  address: Address | undefined,
  { families, registry }: MetricsText,
  readiness: Readiness,
  { console }: ScriptTools,
  tell: (event: WatchEvent) => void,
): Promise<ServedStatus | undefined> {
  if (address === undefined) return undefined
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
  tell({ kind: 'message', message: `serving ${status.url}/healthz, /readyz and /metrics`, isNote: true })
  return status
}

function describeBuild(version = 'unknown'): Record<string, string> {
  const { bun, deno, node = '' } = process.versions as Record<string, string | undefined>
  const [runtime, runtimeVersion] =
    bun !== undefined ? ['bun', bun] : deno !== undefined ? ['deno', deno] : ['node', node]
  return { version, runtime, runtime_version: runtimeVersion }
}

function onReload(reload: () => void): () => void {
  process.on('SIGHUP', reload)
  return () => process.off('SIGHUP', reload)
}
