import * as v from 'valibot'

/** The kind of completion that a shell offers for a value. */
export type CompletedKind =
  | 'image'
  | 'alias'
  | 'remote'
  | 'project'
  | 'instance'
  | 'operation'
  | 'file'
  | 'directory'

/** A word that is offered to a shell. */
export interface Candidate {
  word: string
  description: string
}

/** A command line that is being completed. */
export interface UnfinishedLine {
  /** The values of an argument before the word, by its key: `valuesOf('file')`. */
  valuesOf(key: string): string[]
  /** Aborted when the time for completion is over. */
  signal: AbortSignal
}

/** Finds the words to offer for a value. Its errors are not shown. */
export type CandidateSource = (line: UnfinishedLine) => Promise<readonly Candidate[]>

/** The properties of an argument on a command line that its schema does not have. */
export interface ArgumentMetadata {
  isPositional?: true
  /** One letter: `f` is `-f`. */
  short?: string
  /** The name of the value in help: `<image>`. */
  value?: string
  completes?: CompletedKind | CandidateSource
}

/** Options of {@link flag}. */
export interface FlagOptions {
  /** One letter: `f` for `-f`. */
  short?: string
  /** The name of the value in help. @default the flag's name */
  value?: string
  completes?: CompletedKind | CandidateSource
}

/**
 * Describes a flag further, in the pipe of its schema. It is optional: the key `expireAfter` is always `--expire-after`.
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
 * Makes an argument positional, in the pipe of its schema. An array takes all remaining words.
 *
 * @param value its name in help: `image` for `<image>`; a value that has brackets is shown unchanged
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
