import { checkAliasName } from '../arguments/alias-name.ts'

/** Where the server keeps its aliases. */
export const aliasesPath = '/1.0/images/aliases'

/** @throws {ArgumentError} for a name that no alias should have */
export function aliasPath(name: string): string {
  return pathOfAlias(checkAliasName(name))
}

/** The path of an alias with any name, as a request of {@link Connection.ask} may create it. */
export function pathOfAlias(name: string): string {
  return `${aliasesPath}/${encodeURIComponent(name)}`
}

/** Whether a path is that of one alias. */
export function isPathOfAlias(path: string): boolean {
  return path.startsWith(`${aliasesPath}/`)
}
