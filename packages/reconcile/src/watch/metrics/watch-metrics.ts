import type { Reason } from '../../documents/watch.ts'
import { runResults } from '../../documents/watch.ts'
import { createRegistry, type Registry } from './registry.ts'

type Families = ReturnType<typeof createFamilies>

/** Most runs look at one server and take milliseconds; one that sends images takes minutes. */
const durations = [0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]

function createFamilies(registry: Registry) {
  const { counter, gauge, histogram } = registry
  return {
    build: gauge('hyperkit_build_info', 'The version that runs, and on what.'),
    started: gauge('process_start_time_seconds', 'When the process was started, in seconds since 1970.'),
    memory: gauge('process_resident_memory_bytes', 'Memory of the process, in bytes.'),
    runs: counter('hyperkit_runs_total', 'Runs so far, by how they ended.'),
    occasions: counter('hyperkit_run_reasons_total', 'Why there were runs; one can have several reasons.'),
    seconds: histogram('hyperkit_run_duration_seconds', 'How long runs took.', durations),
    running: gauge('hyperkit_run_in_progress', '1 while there is a run.'),
    nextScheduled: gauge(
      'hyperkit_next_scheduled_run_timestamp_seconds',
      'When all servers are looked at next without another occasion, by the interval or the schedule, with the jitter.',
    ),
    changes: counter('hyperkit_changes_total', 'Changes of servers, by what became of them.'),
    failures: counter('hyperkit_server_failures_total', 'Runs that failed on a server.'),
    pending: gauge('hyperkit_pending_changes', 'Changes that the last run on a server left to be done.'),
    lastRun: gauge('hyperkit_last_run_timestamp_seconds', 'When a server was last looked at.'),
    lastSuccess: gauge(
      'hyperkit_last_success_timestamp_seconds',
      'When a server was last found or made as the manifest says; with --dry-run, when it was last read.',
    ),
    sent: counter('hyperkit_sent_bytes_total', 'Bytes of images sent to a server.'),
    events: counter(
      'hyperkit_events_total',
      'Image events received from a server, by whether they concern the manifest.',
    ),
    connected: gauge('hyperkit_connected', '1 while events of a server are received.'),
    connections: counter(
      'hyperkit_connections_total',
      'Times that the events of a server were connected to.',
    ),
    manifestGood: gauge(
      'hyperkit_manifest_good',
      '0 while the manifest on disk is refused and an older one is in force.',
    ),
    manifestLoaded: gauge('hyperkit_manifest_timestamp_seconds', 'When the manifest in force was loaded.'),
    notifications: counter('hyperkit_notifications_total', 'Reports handed over, by what became of that.'),
  }
}

/** The metrics of a watch: each by its name, and all of them as one text. */
export interface MetricsText {
  families: Families
  registry: Registry
}

/** The numbers of a watch, with those that scrapers compare over time there from the start. */
export function createWatchMetrics(build: Readonly<Record<string, string>>): MetricsText {
  const registry = createRegistry()
  const families = createFamilies(registry)
  families.build.set(1, build)
  for (const result of runResults) families.runs.add(0, { result })
  families.running.set(0)
  families.manifestGood.set(1)
  return { families, registry }
}

/** A server has its numbers before anything happens, else its first failure would not be seen as one more. */
export function addServer({ families }: MetricsText, server: string): void {
  for (const concerns of ['true', 'false']) families.events.add(0, { server, concerns })
  families.connected.set(0, { server })
  families.connections.add(0, { server })
  families.failures.add(0, { server })
  families.sent.add(0, { server })
}

export function countReasons({ families }: MetricsText, reasons: readonly Reason[]): void {
  for (const reason of reasons) families.occasions.add(1, { reason })
}
