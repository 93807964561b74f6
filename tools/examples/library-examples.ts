import type { Rehearsal } from './rehearsal.ts'

/** One program of examples/library, and the output that proves that it works. */
export interface LibraryExample {
  /** The file's name without its extension. */
  file: string
  args: readonly string[]
  /** The output must match this. */
  prints: RegExp
  /** Run by the test runner of its runtime. */
  isTest?: boolean
  /** Called when the program prints its first output: triggers the event that it waits for. */
  meanwhile?: (world: Rehearsal) => Promise<void>
}

// They run in this order on the same new servers, so each may find the images that the one before left.
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
