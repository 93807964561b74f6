import type { ApplyReport } from '../documents/apply-report.ts'
import type { Plan } from '../documents/plan.ts'
import type { PlannedWave, ReportedWave } from '../documents/rollout.ts'
import type { CellState, WaveOfReport } from '../documents/run-report.ts'

const statesPlanned: Readonly<Record<PlannedWave['state'], CellState>> = {
  'in-sync': 'in-sync',
  changes: 'planned',
  failed: 'failed',
  unread: 'unknown',
}
const statesApplied: Readonly<Record<ReportedWave['state'], CellState>> = {
  done: 'done',
  failed: 'failed',
  waiting: 'skipped',
  interrupted: 'failed',
}

/** The waves of a run; undefined if it has none. */
export function reportWaves(plan: Plan, outcome: ApplyReport | undefined): WaveOfReport[] | undefined {
  if (outcome !== undefined)
    return outcome.rollout?.waves.map(({ wave, servers, state, error }) => ({
      wave,
      servers,
      state: statesApplied[state],
      error: error?.message ?? null,
    }))
  return plan.rollout?.waves.map(({ wave, servers, state }) => ({
    wave,
    servers,
    state: statesPlanned[state],
    error: null,
  }))
}
