import { ArgumentError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { explainNewAlias } from '../model/server-rules.ts'

const loneSurrogate = /\p{Surrogate}/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is to find control characters
const control = /[\u0000-\u001f\u007f]/

/**
 * Checks that every server stores this alias name unchanged.
 *
 * Servers accept names that cause trouble later: Incus cannot remove an alias with an empty name, a NUL character cuts the name,
 * and URL parsers collapse `.` and `..` (`…/aliases/%2e%2e` becomes `…/images/`).
 *
 * @throws {ArgumentError}
 *
 * @example
 * ```ts
 * checkAliasName('ubuntu/noble', 'alias')
 * ```
 */
export function checkAliasName(name: string, argument = 'name'): string {
  const refuse = (why: string): ArgumentError =>
    new ArgumentError(argument, `Cannot use ${JSON.stringify(name)} as an alias: ${why}`)
  if (typeof name !== 'string' || name === '') throw refuse('the name is empty')
  if (name === '.' || name === '..')
    throw refuse('URLs give "." and ".." another meaning, so the server would never see the name')
  if (control.test(name)) throw refuse('it contains a control character')
  if (loneSurrogate.test(name)) throw refuse('it contains half of a surrogate pair, which has no UTF-8 form')
  return name
}

/**
 * Checks that this server accepts the name for a new alias. Existing aliases can be changed, moved and deleted whatever their names.
 *
 * @param name one that {@link checkAliasName} accepted
 * @throws {ArgumentError}
 */
export function checkNewAlias(
  name: string,
  server: { name: string; info: ServerInfo },
  argument = 'name',
): string {
  const why = explainNewAlias(server.info, name)
  if (why === undefined) return name
  throw new ArgumentError(
    argument,
    `Cannot create alias ${JSON.stringify(name)} on "${server.name}": ${why}`,
    { server: server.name },
  )
}
