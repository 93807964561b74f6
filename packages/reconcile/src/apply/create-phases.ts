import type { ServerReport } from '../documents/apply-report.ts'
import type { Plan } from '../documents/plan.ts'
import type { Phases } from './run-state.ts'

interface Phase {
  report?: ServerReport
  ended: Promise<ServerReport>
  end(report: ServerReport): void
}

/** Follows how far the servers of a plan are. */
export function createPhases(plan: Plan, identify: (server: string) => string): Phases {
  const phases = new Map(plan.servers.map(({ name }) => [name, createPhase()]))
  const find = (names: readonly string[]): Phase[] => names.flatMap((name) => phases.get(name) ?? [])
  const others = plan.servers.map(({ name }) => name)
  return {
    reports: (names) => Promise.all(find(names).map(({ ended }) => ended)),
    isOver: (names) => find(names).every(({ report }) => report !== undefined),
    end: (report) => phases.get(report.name)?.end(report),
    before(server) {
      const same = others.filter((name) => identify(name) === identify(server))
      const copiers = plan.servers.filter(
        (each) =>
          each.status === 'planned' &&
          each.changes.some((change) => change.action === 'copy-image' && same.includes(change.from.server)),
      )
      return { same, copiers: copiers.map(({ name }) => name) }
    },
  }
}

function createPhase(): Phase {
  let resolve: (report: ServerReport) => void = () => {}
  const phase: Phase = {
    ended: new Promise((done) => {
      resolve = done
    }),
    end(report) {
      phase.report ??= report
      resolve(report)
    },
  }
  return phase
}
