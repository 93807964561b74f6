import type { Run } from './contenders.ts'

/** The measured tasks, in the order of the table. */
export const tasks = ['upload', 'save', 'save 4', 'copy', 'upload again', 'hash', 'hash again'] as const
export type Task = (typeof tasks)[number]

/** The runs of each contender, one a round. A round that is left out has no run of any contender. */
export type Results = Map<Task, Map<string, Run[]>>

export interface Goal {
  text: string
  measured: string
  holds: boolean
}

const mebibyte = 1024 * 1024

/** The most that a process may need, whatever it does. */
const memoryLimits = { bun: 90, node: 90, deno: 160 }

/** Times as often as that of the server's own client, which hashes what it saves too. */
const timeLimits: readonly (readonly [Task, string, number])[] = [
  ['upload', 'bun', 0.85],
  ['upload', 'node', 1],
  ['save', 'bun', 0.85],
  ['save', 'node', 1],
  ['save', 'deno', 1.1],
]

/**
 * Each goal that was measured, with its value: the median of the ratios of the rounds, or the maximum of memory.
 *
 * @param own name of the server's own client
 */
export function judge(results: Results, own: string): Goal[] {
  const goal = (text: string, value: number, limit: number, shown: string): Goal => ({
    text: `${text} <= ${limit}`,
    measured: shown,
    holds: value <= limit,
  })
  const times = timeLimits.map(([task, name, limit]) => {
    const found = ratioOf(results, task, name, own)
    return goal(`${name}: ${task} / ${own}`, found, limit, found.toFixed(2))
  })
  const memory = Object.entries(memoryLimits).flatMap(([name, limit]) =>
    (['upload', 'save'] as const).map((task) => {
      const most = Math.max(...runsOf(results, task, name).map((run) => run.peakBytes)) / mebibyte
      return goal(`${name}: peak MiB of ${task}`, most, limit, most.toFixed(0))
    }),
  )
  const relays = Object.keys(memoryLimits).map((name) => {
    const [copies, uploads, saves] = (['copy', 'upload', 'save'] as const).map((task) =>
      runsOf(results, task, name),
    )
    const found = median(
      (copies ?? []).map(
        ({ milliseconds }, round) =>
          milliseconds /
          Math.max(uploads?.[round]?.milliseconds ?? Number.NaN, saves?.[round]?.milliseconds ?? Number.NaN),
      ),
    )
    // 0.8 times as fast.
    return goal(`${name}: copy by relay / the slower of upload and save`, found, 1.25, found.toFixed(2))
  })
  const again = Math.max(...runsOf(results, 'upload again', 'bun').map((run) => run.sentBytes ?? Number.NaN))
  const ownTime = (task: Task): number =>
    median(runsOf(results, task, 'bun').map((run) => run.ownMilliseconds ?? Number.NaN))
  const unchanged = ownTime('hash again')
  return [
    ...times,
    ...memory,
    ...relays,
    goal('bun: seconds to check and hash an unchanged file', unchanged / 1000, 0.1, seconds(unchanged)),
    goal(
      'bun: that / the first time',
      unchanged / ownTime('hash'),
      0.1,
      (unchanged / ownTime('hash')).toFixed(3),
    ),
    goal('bun: bytes of the body of an upload that the server has', again, 0, String(again)),
  ].filter(({ measured }) => !/NaN|Infinity/.test(measured))
}

/** A table in plain text: the median time with its range, its ratio to the server's own client, processor time and memory. */
export function formatResults(results: Results, own: string): string {
  const lines = [
    row(['task', 'by', 'median s', 'from - to s', `x ${own}`, 'cpu s', 'peak MiB', 'body bytes']),
  ]
  for (const task of tasks) {
    for (const [name, runs] of results.get(task) ?? []) {
      if (runs.length === 0) continue
      const times = runs.map(milliseconds)
      const peak = Math.max(...runs.map((run) => run.peakBytes))
      const cpu = median(runs.map((run) => run.cpuMilliseconds ?? Number.NaN))
      const ratio = ratioOf(results, task, name, own)
      const sent = runs[0]?.sentBytes
      lines.push(
        row([
          task,
          name,
          seconds(median(times)),
          `${seconds(Math.min(...times))} - ${seconds(Math.max(...times))}`,
          Number.isNaN(ratio) ? '' : ratio.toFixed(2),
          Number.isNaN(cpu) ? '' : seconds(cpu),
          (peak / mebibyte).toFixed(0),
          sent === undefined ? '' : String(sent),
        ]),
      )
    }
  }
  return lines.join('\n')
}

export function formatGoals(goals: readonly Goal[]): string {
  return goals
    .map(({ text, measured, holds }) => `${holds ? 'holds ' : 'BROKEN'}  ${text}: ${measured}`)
    .join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below, above] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN]
  return sorted.length % 2 === 1 ? above : (below + above) / 2
}

/** The median of the ratios of each round: what slows the machine for a while slows both. */
function ratioOf(results: Results, task: Task, name: string, own: string): number {
  const others = runsOf(results, task, own)
  return median(
    runsOf(results, task, name).map(
      (run, round) => run.milliseconds / (others[round]?.milliseconds ?? Number.NaN),
    ),
  )
}

function runsOf(results: Results, task: Task, name: string): Run[] {
  return results.get(task)?.get(name) ?? []
}

function milliseconds(run: Run): number {
  return run.milliseconds
}

function seconds(value: number): string {
  return (value / 1000).toFixed(2)
}

function row(cells: readonly string[]): string {
  const widths = [14, 8, 10, 16, 8, 8, 10, 12]
  return cells
    .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join(' ')
    .trimEnd()
}
