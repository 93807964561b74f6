import type { Dialect } from './dialect.ts'
import { incus60 } from './incus-6.0.ts'
import { lxd50 } from './lxd-5.0.ts'

/** A server that can be imitated, by kind and version. `lxd` is short for `lxd-5.0`, `incus` for `incus-6.0`. */
export type DialectName = 'lxd' | 'incus' | 'lxd-5.0' | 'incus-6.0'

/** The dialects by name. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'lxd-5.0': lxd50,
  'incus-6.0': incus60,
  lxd: lxd50,
  incus: incus60,
}
