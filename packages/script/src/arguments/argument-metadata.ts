import * as v from 'valibot'

/** What a shell is offered where a value stands. */
export type CompletedKind =
  | 'image'
  | 'alias'
  | 'remote'
  | 'project'
  | 'instance'
  | 'operation'
  | 'file'
  | 'directory'

/** A word that a shell is offered. */
export interface Candidate {
  word: string
  description: string
}

/** A command line that is being completed. */
export interface UnfinishedLine {
  /** The values of an argument that stand before the word, by its key: `valuesOf('file')`. */
  valuesOf(key: string): string[]
  /** Aborted when the user has waited long enough. */
  signal: AbortSignal
}

/** Finds what a shell is offered for a value; what it throws is not shown. */
export type CandidateSource = (line: UnfinishedLine) => Promise<readonly Candidate[]>

/** What a command line needs to know of an argument beyond its schema. */
export interface ArgumentMetadata {
  isPositional?: true
  /** One letter: `f` is `-f`. */
  short?: string
  /** How help calls the value: `<image>`. */
  value?: string
  completes?: CompletedKind | CandidateSource
}

/** Options of {@link flag}. */
export interface FlagOptions {
  /** One letter: `f` for `-f`. */
  short?: string
  /** How help calls the value. @default the flag's name */
  value?: string
  completes?: CompletedKind | CandidateSource
}

/**
 * Says more of a flag, in the pipe of its schema. A flag without it is one too: `expireAfter` is `--expire-after`.
 *
 * @example
 * ```ts
 * const columns = v.optional(v.pipe(v.string(), v.description('Columns to show'), flag({ short: 'c' })), 'lfp')
 * ```
 */
export function flag<Input>(options: FlagOptions): v.MetadataAction<Input, { hyperkit: ArgumentMetadata }> {
  return v.metadata({ hyperkit: { ...options } })
}

/**
 * Makes an argument stand without a flag, in the pipe of its schema; an array takes all that are left.
 *
 * @param value how help calls it: `image` for `<image>`; brackets of your own stand as they are
 *
 * @example
 * ```ts
 * const image = v.pipe(v.string(), v.description('Image to show'), positional('image', { completes: 'image' }))
 * ```
 */
export function positional<Input>(
  value: string,
  options: { completes?: CompletedKind | CandidateSource } = {},
): v.MetadataAction<Input, { hyperkit: ArgumentMetadata }> {
  return v.metadata({ hyperkit: { isPositional: true, value, ...options } })
}
