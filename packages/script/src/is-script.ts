import type { Script } from './script.ts'

/** What marks a script. It is the same in every copy of this package, of which a user's script may bring its own. */
export const scriptBrand: unique symbol = Symbol.for('hyperkit.script') as never

/**
 * Whether a value is a script, also one that another copy of this package made.
 *
 * @example
 * ```ts
 * const script = defineScript({ description: 'Do nothing', run() {} })
 * console.log(isScript(script)) // true
 * ```
 */
export function isScript(value: unknown): value is Script {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { [scriptBrand]?: unknown })[scriptBrand] === true
  )
}
