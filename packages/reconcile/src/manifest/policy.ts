import { resolve } from 'node:path'
import { readByteSize } from '@hyperkit/terminal/text'

/** What a manifest forbids its own images. */
export interface Policy {
  /** Undefined: any source. */
  sources?: readonly SourcePattern[] | undefined
  /** Whether each source must name its content by a hash. */
  requireSha256: boolean
  /** Bytes. Undefined: any size. */
  maxSize?: number | undefined
  forbidPublic: boolean
}

/** A pattern of `policy.sources`. */
export interface SourcePattern {
  /** The key of `source` that tells this kind from the others. */
  kind: PatternKind
  /** What the source must match as a whole: `*` stands for any characters but "/", `**` for any characters. */
  glob: string
}

const kinds = ['file', 'url', 'remote', 'instance', 'server', 'fingerprint'] as const

/** The key of `source` that a pattern is about; `file` also for the two files of a split image. */
export type PatternKind = (typeof kinds)[number]

/** What is wrong with a pattern; undefined if it is correct. */
export function explainPattern(written: string): string | undefined {
  const { kind, glob } = splitPattern(written)
  if (kind !== undefined && glob !== '') return undefined
  const list = kinds.map((each) => `"${each}:"`).join(', ')
  return `must begin with the kind of source (${list}), such as "url:https://images.example.org/**"`
}

/** @param folder paths of `file:` patterns are relative to it */
export function readPattern(written: string, folder: string): SourcePattern {
  const { kind = 'file', glob } = splitPattern(written)
  return { kind, glob: kind === 'file' ? resolve(folder, glob) : glob }
}

function splitPattern(written: string): { kind: PatternKind | undefined; glob: string } {
  const colon = written.indexOf(':')
  return { kind: kinds.find((each) => each === written.slice(0, colon)), glob: written.slice(colon + 1) }
}

/** Whether a text matches a glob as a whole. */
export function matchesGlob(glob: string, given: string): boolean {
  const source = glob
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`, 's').test(given)
}

/** Bytes; undefined for anything that is not a size of at least one byte. */
export function readMaxSize(value: string | number): number | undefined {
  const bytes = readByteSize(String(value))
  return bytes === undefined || bytes < 1 ? undefined : bytes
}
