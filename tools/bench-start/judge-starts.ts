import type { Goal } from '../bench/judge.ts'

/** How many times as long as `lxc image list` a list may take. docs/performance.md has what bounds each. */
const limits = [
  { name: 'node-24: list', limit: 7 },
  { name: 'bun: list', limit: 4.5 },
  { name: 'executable: list', limit: 2.2 },
] as const

/** Milliseconds that help and completion may take beyond the start of Node itself. */
const beyondStart = 30

/** @param medians milliseconds by name, as `list-starts.ts` names them */
export function judgeStarts(medians: ReadonlyMap<string, number>): Goal[] {
  const of = (name: string): number => medians.get(name) ?? Number.NaN
  const ratios = limits.map(({ name, limit }): Goal => {
    const found = of(name) / of('lxc image list')
    return { text: `${name} / lxc image list <= ${limit}`, measured: found.toFixed(2), holds: found <= limit }
  })
  const helps = [...medians.keys()].filter((name) => /^node.*(?:--help|completion)$/.test(name))
  return [
    ...ratios,
    ...helps.map((name): Goal => {
      const beyond = of(name) - of(name.replace(/:.*/, ': start'))
      return {
        text: `${name} - start of Node <= ${beyondStart} ms`,
        measured: `${beyond.toFixed(1)} ms`,
        holds: beyond <= beyondStart,
      }
    }),
  ]
}
