import type { Goal } from '../bench/judge.ts'
import type { MeasuredCommand } from './run-command.ts'

export interface ScaleResult {
  text: string
  goals: Goal[]
}

export const mebibyte = 1024 * 1024

export function formatRun(what: string, { requests, milliseconds, peakBytes }: MeasuredCommand): string {
  const seconds = (milliseconds / 1000).toFixed(2)
  return `${what}: ${requests} requests, ${seconds} s, peak ${(peakBytes / mebibyte).toFixed(0)} MiB`
}
