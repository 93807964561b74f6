import type { Run } from './contenders.ts'

/** The measured tasks, in the order of the table. */
export const tasks = ['upload', 'save', 'upload again', 'hash', 'hash again'] as const
export type Task = (typeof tasks)[number]

export type Results = Map<Task, Map<string, Run[]>>

export interface Goal {
  text: string
  measured: string
  holds: boolean
}

const mebibyte = 1024 * 1024
const memoryLimits = { bun: 96, deno: 160, node: 160 }

/** Each goal with its measured value: the median of times, or the maximum of memory. */
export function judge(results: Results): Goal[] {
  const time = (task: Task, name: string): number => median(runsOf(results, task, name).map(milliseconds))
  const ratio = (task: Task, other: string, limit: number, text: string): Goal => {
    const found = time(task, 'bun') / time(task, other)
    return { text: `${text} <= ${limit}`, measured: found.toFixed(2), holds: found <= limit }
  }
  const memory = Object.entries(memoryLimits).flatMap(([name, limit]) =>
    (['upload', 'save'] as const).map((task): Goal => {
      const most = Math.max(...runsOf(results, task, name).map((run) => run.peakBytes)) / mebibyte
      return {
        text: `${name}: peak memory of ${task} <= ${limit} MiB`,
        measured: `${most.toFixed(0)} MiB`,
        holds: most <= limit,
      }
    }),
  )
  const sent = Math.max(...runsOf(results, 'upload again', 'bun').map((run) => run.sentBytes ?? Number.NaN))
  const own = (task: Task): number =>
    median(runsOf(results, task, 'bun').map((run) => run.ownMilliseconds ?? Number.NaN))
  return [
    ...memory,
    {
      text: 'bun: check and hash of an unchanged file <= 0.1 s',
      measured: `${seconds(own('hash again') / 1000)} s`,
      holds: own('hash again') <= 100,
    },
    {
      text: 'bun: check and hash of an unchanged file / the first time <= 0.1',
      measured: (own('hash again') / own('hash')).toFixed(3),
      holds: own('hash again') / own('hash') <= 0.1,
    },
    ratio('save', 'curl', 1.1, 'bun: verified save / unverified download by curl'),
    ratio('save', 'lxc', 0.7, 'bun: verified save / lxc image export'),
    ratio('upload', 'lxc', 1.0, 'bun: upload / lxc image import'),
    {
      text: 'bun: body of an upload that the server has = 0 bytes',
      measured: `${sent} bytes`,
      holds: sent === 0,
    },
  ]
}

/** A table in plain text: the median time with its range, and the maximum memory. */
export function formatResults(results: Results): string {
  const lines = [row(['task', 'by', 'median s', 'from - to s', 'peak MiB', 'body bytes'])]
  for (const task of tasks) {
    for (const [name, runs] of results.get(task) ?? []) {
      if (runs.length === 0) continue
      const times = runs.map(milliseconds)
      const [from, to] = [Math.min(...times), Math.max(...times)]
      const peak = Math.max(...runs.map((run) => run.peakBytes))
      const sent = runs[0]?.sentBytes
      lines.push(
        row([
          task,
          name,
          seconds(median(times)),
          `${seconds(from)} - ${seconds(to)}`,
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
  const widths = [14, 6, 10, 16, 10, 12]
  return cells
    .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join(' ')
    .trimEnd()
}
