import type { Reason } from '../../documents/watch.ts'
import { runResults } from '../../documents/watch.ts'
import { createRegistry, type Registry } from './registry.ts'

type Families = ReturnType<typeof createFamilies>

/** Seconds. Most runs read one server and take milliseconds; a run that sends images takes minutes. */
const durations = [0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]

function createFamilies(registry: Registry) {
  const { counter, gauge, histogram } = registry
  return {
    build: gauge('hyperkit_build_info', 'The running version and its runtime.'),
    started: gauge('process_start_time_seconds', 'Start time of the process, in seconds since 1970.'),
    memory: gauge('process_resident_memory_bytes', 'Resident memory of the process, in bytes.'),
    runs: counter('hyperkit_runs_total', 'Passes so far, by result.'),
    reasons: counter('hyperkit_run_reasons_total', 'Reasons of passes; a pass can have several.'),
    seconds: histogram('hyperkit_run_duration_seconds', 'Duration of passes, in seconds.', durations),
    running: gauge('hyperkit_run_in_progress', '1 while a pass is in progress.'),
    nextScheduled: gauge(
      'hyperkit_next_scheduled_run_timestamp_seconds',
      'Time of the next pass over all servers by the interval or the schedule, with the jitter.',
    ),
    changes: counter('hyperkit_changes_total', 'Changes of servers, by outcome.'),
    failures: counter('hyperkit_server_failures_total', 'Passes that failed on a server.'),
    pending: gauge('hyperkit_pending_changes', 'Changes that the last pass on a server left undone.'),
    lastRun: gauge('hyperkit_last_run_timestamp_seconds', 'Time of the last pass on a server.'),
    lastSuccess: gauge(
      'hyperkit_last_success_timestamp_seconds',
      'Time at which a server last matched the manifest; with --dry-run, at which it was last read.',
    ),
    sent: counter('hyperkit_sent_bytes_total', 'Bytes of images sent to a server.'),
    events: counter(
      'hyperkit_events_total',
      'Image events received from a server, by whether they concern the manifest.',
    ),
    connected: gauge('hyperkit_connected', '1 while the events of a server are received.'),
    connections: counter('hyperkit_connections_total', 'Connections made to the events of a server.'),
    manifestGood: gauge(
      'hyperkit_manifest_good',
      '0 while the manifest on disk is not valid and an older one is in use.',
    ),
    manifestLoaded: gauge(
      'hyperkit_manifest_timestamp_seconds',
      'Time at which the manifest in use was loaded.',
    ),
    notifications: counter('hyperkit_notifications_total', 'Reports sent to "notify", by outcome.'),
  }
}

/** The metrics of a watch: each one by its name, and the registry that renders all of them. */
export interface MetricsText {
  families: Families
  registry: Registry
}

/** The metrics of a watch. Counters exist from the start, because Prometheus sees no increase in a counter that appears later. */
export function createWatchMetrics(build: Readonly<Record<string, string>>): MetricsText {
  const registry = createRegistry()
  const families = createFamilies(registry)
  families.build.set(1, build)
  for (const result of runResults) families.runs.add(0, { result })
  families.running.set(0)
  families.manifestGood.set(1)
  return { families, registry }
}

/** Adds the counters of a server with zero; otherwise Prometheus would not see its first failure as an increase. */
export function addServer({ families }: MetricsText, server: string): void {
  for (const concerns of ['true', 'false']) families.events.add(0, { server, concerns })
  families.connected.set(0, { server })
  families.connections.add(0, { server })
  families.failures.add(0, { server })
  families.sent.add(0, { server })
}

export function countReasons({ families }: MetricsText, reasons: readonly Reason[]): void {
  for (const reason of reasons) families.reasons.add(1, { reason })
}
