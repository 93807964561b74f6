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

/** What a command line needs to know of an argument beyond its schema. */
export interface ArgumentMetadata {
  isPositional?: true
  /** One letter: `f` is `-f`. */
  short?: string
  /** How help calls the value: `<image>`. */
  value?: string
  completes?: CompletedKind
}

/** Options of {@link flag}. */
export interface FlagOptions {
  /** One letter: `f` for `-f`. */
  short?: string
  /** How help calls the value. @default the flag's name */
  value?: string
  completes?: CompletedKind
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
  options: { completes?: CompletedKind } = {},
): v.MetadataAction<Input, { hyperkit: ArgumentMetadata }> {
  return v.metadata({ hyperkit: { isPositional: true, value, ...options } })
}
