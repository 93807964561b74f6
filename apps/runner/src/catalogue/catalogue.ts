import type { Script } from '@hyperkit/script'

/** Scripts by name. */
export interface Catalogue {
  /** Sorted. */
  names(): Promise<readonly string[]>
  /** Undefined where there is none of this name. */
  load(name: string): Promise<Script | undefined>
}
