import { UsageError } from '../arguments/usage-error.ts'
import { isScript } from '../is-script.ts'
import type { Script } from '../script.ts'

/** Scripts by name. */
export interface Catalogue {
  /** In the order in which they are listed. */
  names(): Promise<readonly string[]>
  /** The description of a script; undefined if there is none of this name. */
  describe(name: string): Promise<string | undefined>
  /** Undefined if there is none of this name. */
  load(name: string): Promise<Script | undefined>
}

/** A line of a table of commands. */
export interface TableEntry {
  name: string
  description: string
  /** Imports the module whose default export is the script. */
  load(): Promise<{ default: Script }>
}

/**
 * The scripts of a table; none is loaded to list them.
 *
 * @see {@link runProgram}
 */
export function tableCatalogue(table: readonly TableEntry[]): Catalogue {
  const find = (name: string): TableEntry | undefined => table.find((entry) => entry.name === name)
  return {
    names: async () => table.map(({ name }) => name),
    describe: async (name) => find(name)?.description,
    async load(name) {
      const module = await find(name)?.load()
      if (module === undefined) return undefined
      if (isScript(module.default)) return module.default
      throw new UsageError(
        `the command "${name}" is not a script: its default export must be defineScript({ … })`,
      )
    },
  }
}
