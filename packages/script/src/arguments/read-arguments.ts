import { nearestName } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import type { Argument, ArgumentsSchema } from './argument.ts'
import type { Given } from './read-words.ts'
import { UsageError } from './usage-error.ts'

/**
 * The arguments of a script: the given texts, checked and converted by its schema.
 *
 * @throws UsageError an argument is missing or invalid
 */
export function readArguments<Schema extends ArgumentsSchema>(
  schema: Schema,
  args: readonly Argument[],
  given: Given,
): v.InferOutput<Schema> {
  const values: Record<string, unknown> = {}
  for (const argument of args) {
    const value = toValue(argument, given.get(argument.key))
    if (value !== undefined) values[argument.key] = value
  }
  const result = v.safeParse(schema, values)
  if (result.success) return result.output
  throw new UsageError(result.issues.map((issue) => explain(issue, args)).join('; '))
}

function toValue(argument: Argument, given: (string | boolean)[] | undefined): unknown {
  const { name, kind, isMany, isRequired } = argument
  if (given === undefined) {
    if (isRequired)
      throw new UsageError(
        `${/\s/.test(name) ? `arguments are missing: ${name}` : `${name} is missing`}${argument.description === '' ? '' : `: ${lower(argument.description)}`}`,
      )
    // The schema of an optional argument defines its absence; other arguments get the empty value.
    if (v.safeParse(argument.schema, undefined).success) return undefined
    return kind === 'switch' ? false : kind === 'pairs' ? {} : isMany ? [] : undefined
  }
  if (kind === 'pairs') return Object.fromEntries(given.map((text) => toPair(argument, String(text))))
  const values = given.map((text) => (kind === 'number' ? toNumber(argument, String(text)) : text))
  return isMany ? values : values.at(-1)
}

function toNumber({ name }: Argument, text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isNaN(number)) throw new UsageError(`"${name}" must be a number, not ${JSON.stringify(text)}`)
  return number
}

function toPair({ name }: Argument, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new UsageError(`"${name}" takes key=value, not ${JSON.stringify(text)}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function explain(issue: v.BaseIssue<unknown>, args: readonly Argument[]): string {
  const key = issue.path?.[0]?.key
  const argument = args.find((candidate) => candidate.key === key)
  if (argument === undefined) return issue.message
  const given = issue.path?.at(-1)?.value ?? issue.input
  const shown = typeof given === 'string' || typeof given === 'number' ? ` ${JSON.stringify(given)}` : ''
  if (argument.choices.length === 0)
    return `"${argument.name}" cannot be${shown || ' this'}: ${issue.message}`
  const near = typeof given === 'string' ? nearestName(given, argument.choices) : undefined
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  return `"${argument.name}" cannot be${shown}: it must be one of ${argument.choices.join(', ')}${hint}`
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
