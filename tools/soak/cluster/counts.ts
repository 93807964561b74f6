import type { Tried } from './kill-once.ts'
import { type Work, works } from './work.ts'

export interface Counts {
  /** @returns what is wrong, a sentence each */
  add(work: Work, tried: Tried): string[]
  /** A step failed that the soak cannot do without. */
  stop(error: unknown): void
  describe(title: string, gaps: number): string[]
  /** Whether all promises held, apart from gaps. */
  areGood(): boolean
}

interface Kind {
  ends: Record<Tried['end'], number>
  again: number
  lost: number
  unowned: number
  left: number
}

/** Counts what kills have led to. */
export function createCounts(): Counts {
  const kinds = Object.fromEntries(works.map((work) => [work, emptyKind()])) as Record<Work, Kind>
  const reasons = new Map<string, number>()
  let stopped: string | undefined
  const sum = (of: (kind: Kind) => number): number =>
    works.reduce((total, work) => total + of(kinds[work]), 0)
  return {
    add(work, { end, failure, again, lost, unowned, left }) {
      const kind = kinds[work]
      kind.ends[end]++
      if (failure !== undefined) count(reasons, `${work}: ${failure}`)
      if (again !== undefined) kind.again++
      kind.lost += lost.length
      kind.unowned += unowned.length
      kind.left += left.length
      return [
        ...(end === 'hung' ? [failure ?? ''] : []),
        ...(again === undefined ? [] : [`one more run: ${again}`]),
        ...lost,
        ...unowned,
        ...left,
      ]
    },
    stop(error) {
      stopped = error instanceof Error ? (error.stack ?? error.message) : String(error)
    },
    describe: (title, gaps) => [
      ...[...reasons].map(([reason, times]) => `  ${times} × ${reason}`),
      ...(stopped === undefined ? [] : [`stopped: ${stopped}`]),
      ...works.map((work) => describeKind(work, kinds[work])),
      `${title}: ${sum(killsOf)} kills; ${gaps} gaps of aliases; after one more run ${sum(({ again }) => again)} failures, ${sum(({ lost }) => lost)} images lost, ${sum(({ unowned }) => unowned)} without an owner, ${sum(({ left }) => left)} left over`,
    ],
    areGood: () =>
      stopped === undefined &&
      sum(({ ends, again, lost, unowned, left }) => ends.hung + again + lost + unowned + left) === 0,
  }
}

const emptyKind = (): Kind => ({
  ends: { well: 0, 'all but removed': 0, failed: 0, hung: 0 },
  again: 0,
  lost: 0,
  unowned: 0,
  left: 0,
})

const killsOf = ({ ends }: Kind): number => Object.values(ends).reduce((total, each) => total + each, 0)

function describeKind(work: Work, kind: Kind): string {
  const { ends, again, lost, unowned, left } = kind
  return `${work}: ${killsOf(kind)} kills: ${ends.well} ended well in the same run, ${ends['all but removed']} did all but remove images and named the member to start, ${ends.failed} needed another run, ${ends.hung} hung; after one more run ${again} failed again, ${lost} lost, ${unowned} unowned, ${left} left over`
}

/** Reasons without what differs from run to run. */
function count(reasons: Map<string, number>, failure: string): void {
  const reason = failure
    .replace(/\bm[123]\b/g, 'MEMBER')
    .replace(/[0-9a-f]{12,64}/g, '…')
    .replace(/\b\d+\.\d+\.\d+\.\d+:\d+/g, 'ADDRESS')
    .slice(0, 600)
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
}
