import type { RuntimeRun } from '../testing/summarize-runs.ts'

export type Verdict = 'passed' | 'failed' | 'skipped'

export interface Cell {
  verdict: Verdict
  /** Why the case was skipped. */
  reason?: string | undefined
}

/** The result of each case on each server and runtime. */
export interface Matrix {
  runtimes: string[]
  servers: string[]
  /** In the order in which they ran. */
  rows: { topic: string; name: string; cells: Map<string, Cell> }[]
}

interface Told {
  ancestorTitles: string[]
  title: string
  status: string
  meta?: { skipReason?: string }
}

export const cellKey = (server: string, runtime: string): string => `${server} on ${runtime}`

/** Reads vitest's reports of the conformance tests, whose names are server > topic > case. */
export function readMatrix(runs: readonly RuntimeRun[], servers: readonly string[]): Matrix {
  const rows = new Map<string, Matrix['rows'][number]>()
  for (const { runtime, report } of runs) {
    for (const told of (report?.testResults ?? []).flatMap((file) => file.assertionResults)) {
      const { ancestorTitles, title, status, meta } = told as unknown as Told
      const [server = '', topic = ''] = ancestorTitles
      if (!servers.includes(server) || ancestorTitles.length !== 2) continue
      const key = JSON.stringify([topic, title])
      const row = rows.get(key) ?? { topic, name: title, cells: new Map() }
      rows.set(key, row)
      const verdict = status === 'passed' || status === 'failed' ? status : 'skipped'
      row.cells.set(cellKey(server, runtime), { verdict, reason: meta?.skipReason })
    }
  }
  return { runtimes: runs.map(({ runtime }) => runtime), servers: [...servers], rows: [...rows.values()] }
}
