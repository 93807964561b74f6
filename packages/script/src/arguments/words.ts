import * as v from 'valibot'
import { positional } from './argument-metadata.ts'

const anImage = 'Alias, or the beginning of a fingerprint'

/**
 * The word on a command line that names an image: `[remote:]image`, for `reach()` and `findImage()`.
 *
 * @example
 * ```ts
 * const args = v.object({ image: imageWord() })
 * ```
 */
export function imageWord() {
  return v.pipe(v.string(), v.description(anImage), positional('image', { completes: 'image' }))
}

/**
 * As {@link imageWord}, for a script that takes one or more.
 *
 * @example
 * ```ts
 * const args = v.object({ images: imageWords() })
 * ```
 */
export function imageWords() {
  return v.pipe(
    v.array(v.string()),
    v.minLength(1),
    v.description(anImage),
    positional('image', { completes: 'image' }),
  )
}

/**
 * The words that name operations of servers: `[remote:]operation`, one or more.
 *
 * @example
 * ```ts
 * const args = v.object({ operations: operationWords() })
 * ```
 */
export function operationWords() {
  return v.pipe(
    v.array(v.string()),
    v.minLength(1),
    v.description('Ids of operations'),
    positional('[remote:]<operation>...', { completes: 'operation' }),
  )
}

/**
 * The flag `--show-secrets`, for scripts that print operations: see `maskOperation`.
 *
 * @example
 * ```ts
 * const args = v.object({ showSecrets: showSecretsFlag() })
 * ```
 */
export function showSecretsFlag() {
  return v.optional(
    v.pipe(v.boolean(), v.description('Print the secrets of operations that are still good')),
    false,
  )
}
