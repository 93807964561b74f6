import type { Dialect } from './dialect.ts'
import { incus60 } from './incus-6.0.ts'
import { incus70 } from './incus-7.0.ts'
import { lxd503 } from './lxd-5.0.3.ts'
import { lxd50 } from './lxd-5.0.ts'
import { lxd521 } from './lxd-5.21.ts'
import { lxd69 } from './lxd-6.9.ts'
import { lxdMain } from './lxd-main.ts'

/**
 * A server that can be imitated, by kind and version. `lxd-5.0` is 5.0.2, `lxd-5.0.3` is 5.0.2+git20231211, which
 * also calls itself 5.0.2, and `lxd-main` is the main branch after 6.9. `lxd` is short for `lxd-5.0`, `incus` for `incus-6.0`.
 */
export type DialectName =
  | 'lxd'
  | 'incus'
  | 'lxd-5.0'
  | 'lxd-5.0.3'
  | 'lxd-5.21'
  | 'lxd-6.9'
  | 'lxd-main'
  | 'incus-6.0'
  | 'incus-7.0'

/**
 * The dialects by name, to derive one with a changed field.
 *
 * @example
 * ```ts
 * import { createImageServer, dialects } from '@hyperkit/embedded'
 *
 * const strict = { ...dialects['lxd-6.9'], yaml: 'strict' as const }
 * const server = createImageServer({ dialect: strict })
 * await server.close()
 * ```
 */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'lxd-5.0': lxd50,
  'lxd-5.0.3': lxd503,
  'lxd-5.21': lxd521,
  'lxd-6.9': lxd69,
  'lxd-main': lxdMain,
  'incus-6.0': incus60,
  'incus-7.0': incus70,
  lxd: lxd50,
  incus: incus60,
}
