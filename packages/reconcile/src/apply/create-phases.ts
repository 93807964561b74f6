import type { ServerReport } from '../documents/apply-report.ts'
import type { Roster } from './roster.ts'
import type { Phases } from './run-state.ts'

interface Phase {
  report?: ServerReport
  ended: Promise<ServerReport>
  end(report: ServerReport): void
}

/** Follows how far the servers of a run are. */
export function createPhases(roster: Roster, identify: (server: string) => string): Phases {
  const phases = new Map(roster.names.map((name) => [name, createPhase()]))
  const find = (names: readonly string[]): Phase[] => names.flatMap((name) => phases.get(name) ?? [])
  const related = (server: string): { same: string[]; copiers: string[] } => {
    const same = roster.names.filter((name) => identify(name) === identify(server))
    const copiers = roster
      .plans()
      .filter(
        (each) =>
          each.status === 'planned' &&
          each.changes.some((change) => change.action === 'copy-image' && same.includes(change.from.server)),
      )
    return { same, copiers: copiers.map(({ name }) => name) }
  }
  const reports = (names: readonly string[]): Promise<ServerReport[]> =>
    Promise.all(find(names).map(({ ended }) => ended))
  return {
    reports,
    end: (report) => phases.get(report.name)?.end(report),
    isReadyToPrune(server) {
      const { same, copiers } = related(server)
      const isOver = find([...same, ...copiers]).every(({ report }) => report !== undefined)
      return isOver && !roster.names.some((name) => roster.isComing(name))
    },
    async before(server) {
      await roster.all()
      const { same, copiers } = related(server)
      return { names: same, same: await reports(same), copiers: await reports(copiers) }
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
