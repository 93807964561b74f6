import { checkAliasName } from '../arguments/alias-name.ts'

export function aliasPath(name: string): string {
  return `/1.0/images/aliases/${encodeURIComponent(checkAliasName(name))}`
}
