import type { Rehearsal } from './rehearsal.ts'

/** One program of examples/library, and what shows that it did its work. */
export interface LibraryExample {
  /** Without its extension. */
  file: string
  args: readonly string[]
  /** What its output must have. */
  prints: RegExp
  /** Run by the test runner of its runtime. */
  isTest?: boolean
  /** Once it has printed something for the first time: what it waits for. */
  meanwhile?: (world: Rehearsal) => Promise<void>
}

// In this order on one world that nothing else has touched: what one leaves, the next may find.
export const libraryExamples: readonly LibraryExample[] = [
  {
    file: 'swap-alias',
    args: ['noble.tar.xz', 'ubuntu/live', 'prod'],
    prints: /ubuntu\/live created: nothing -> [0-9a-f]{12}/,
  },
  { file: 'back-up', args: ['saved', 'prod'], prints: /(\d+) of \1 images are in saved/ },
  {
    file: 'migrate',
    args: ['lab', 'prod'],
    prints: /debian\/12: (?:pull|push|relay)[\s\S]*(\d+) of \1 images are on prod \(incus\)/,
  },
  { file: 'prune-unused', args: ['lab', '--yes'], prints: /^\d+ deleted/m },
  {
    file: 'follow-events',
    args: ['prod', '--lines', '2'],
    prints: /connected\n.* image-alias-created ".*"\n.* image-alias-deleted ".*"/,
    meanwhile: (world) => world.stir(),
  },
  { file: 'rehearsal.test', args: [], prints: /\b4\b.*pass|pass\D+4\b/, isTest: true },
  { file: 'replay.test', args: [], prints: /\b4\b.*pass|pass\D+4\b/, isTest: true },
]
