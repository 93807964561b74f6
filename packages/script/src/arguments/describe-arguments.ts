import * as v from 'valibot'
import type { Argument, ArgumentsSchema } from './argument.ts'
import type { ArgumentMetadata } from './argument-metadata.ts'

interface SchemaParts {
  type: string
  pipe?: readonly { kind: string; type: string; description?: string; metadata?: unknown }[]
  wrapped?: v.GenericSchema
  item?: v.GenericSchema
  options?: readonly unknown[]
  literal?: unknown
}

/**
 * The arguments of a schema, in its order.
 *
 * @example
 * ```ts
 * import { describeArguments } from '@hyperkit/script/command'
 * import * as v from 'valibot'
 *
 * const schema = v.object({ alias: v.pipe(v.string(), v.description('Name of the image')) })
 * console.log(describeArguments(schema).map(({ name }) => name)) // ['--alias']
 * ```
 */
export function describeArguments(schema: ArgumentsSchema): Argument[] {
  return Object.entries(schema.entries).map(([key, entry]) => describeArgument(key, entry))
}

function describeArgument(key: string, schema: v.GenericSchema): Argument {
  const layers = layersOf(schema)
  const metadata: ArgumentMetadata = {}
  for (const layer of [...layers].reverse()) Object.assign(metadata, metadataOf(layer))
  const description = layers.map(descriptionOf).find((text) => text !== undefined) ?? ''
  const array = layers.find(({ type }) => type === 'array')
  const element = (array?.item === undefined ? layers : layersOf(array.item)).at(-1) ?? { type: 'string' }
  const kind = kindOf(element)
  const isMany = array !== undefined || kind === 'pairs'
  const isPositional = metadata.isPositional === true
  const flag = `--${toKebab(key)}`
  const value = metadata.value ?? toKebab(key)
  const empty = kind === 'switch' ? false : kind === 'pairs' ? {} : isMany ? [] : undefined
  return {
    key,
    name: isPositional && !/[[\]<>]/.test(value) ? `<${value}>` : isPositional ? value : flag,
    kind,
    isPositional,
    short: metadata.short,
    value: kind === 'pairs' && metadata.value === undefined ? 'key=value' : value,
    isMany,
    isRequired:
      kind !== 'switch' && !v.safeParse(schema, empty).success && !v.safeParse(schema, undefined).success,
    default: v.getDefault(schema as Parameters<typeof v.getDefault>[0]),
    choices: choicesOf(element),
    description,
    completes: metadata.completes,
    schema,
  }
}

/**
 * The schema and those inside it, from the outside in. An optional schema has the one that it wraps inside. A pipe has its
 * first schema inside, whose type it repeats, and which may be a pipe with a description too.
 */
function layersOf(schema: v.GenericSchema): SchemaParts[] {
  const parts = schema as unknown as SchemaParts
  if (parts.wrapped !== undefined) return [parts, ...layersOf(parts.wrapped)]
  const [first] = parts.pipe ?? []
  return first === undefined ? [parts] : [parts, ...layersOf(first as unknown as v.GenericSchema)]
}

function metadataOf({ pipe }: SchemaParts): ArgumentMetadata {
  const all = (pipe ?? []).filter(({ kind, type }) => kind === 'metadata' && type === 'metadata')
  return Object.assign(
    {},
    ...all.map(({ metadata }) => (metadata as { hyperkit?: ArgumentMetadata }).hyperkit),
  )
}

function descriptionOf({ pipe }: SchemaParts): string | undefined {
  return pipe?.findLast(({ type }) => type === 'description')?.description
}

function kindOf({ type }: SchemaParts): Argument['kind'] {
  if (type === 'boolean') return 'switch'
  if (type === 'number') return 'number'
  return type === 'record' ? 'pairs' : 'text'
}

function choicesOf({ type, options, literal }: SchemaParts): string[] {
  if (type === 'literal') return [String(literal)]
  if (type === 'picklist' || type === 'enum') return (options ?? []).map(String)
  if (type !== 'union') return []
  const members = (options ?? []) as SchemaParts[]
  return members.every((member) => member.type === 'literal') ? members.map((one) => String(one.literal)) : []
}

/** `expireAfter` is `expire-after` on a command line. */
export function toKebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
