import { ArgumentError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { explainNewAlias } from '../model/server-rules.ts'

const loneSurrogate = /\p{Surrogate}/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/

/**
 * An alias name that every server stores and gives back as it is.
 *
 * Servers accept more, and regret it: an empty name cannot be removed on Incus, NUL cuts the name, `.` and `..` are
 * collapsed by every URL parser on the way (`…/aliases/%2e%2e` becomes `…/images/`).
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
 * A name that this server lets a new alias have; what it has already it changes, moves and deletes, whatever it is called.
 *
 * @param name one that {@link checkAliasName} took
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
