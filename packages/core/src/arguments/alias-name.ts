import { ArgumentError } from '../errors/errors.ts'

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
