import { checkAliasName, messageOf } from '@hyperkit/core/parts'
import * as v from 'valibot'
import { optionalKey } from './optional-key.ts'
import { readExpiry } from './read-expiry.ts'
import { labels } from './server-schema.ts'
import { sourceSchema } from './source-schema.ts'
import { count, text } from './text-schemas.ts'

const aliasName = v.pipe(
  v.string(),
  v.check(isAliasName, (issue) => refusalOf(String(issue.input))),
)

const alias = v.union([
  aliasName,
  v.strictObject({
    name: v.pipe(aliasName, v.description('Name of the alias.')),
    description: optionalKey(
      v.string(),
      'What the alias is for. Default: an alias that is there keeps its own.',
    ),
  }),
])

const propertyKey = v.pipe(
  text,
  v.check(
    (key) => !key.startsWith('hyperkit.'),
    'is reserved: names that begin with "hyperkit." say who owns an image',
  ),
)

const properties = v.record(
  propertyKey,
  v.pipe(
    v.string(),
    v.check((value) => !value.includes('\0'), 'must not contain a NUL character'),
  ),
)

const expiry = v.pipe(
  v.string(),
  v.check(
    (value) => value === 'never' || readExpiry(value) !== undefined,
    'must be "never", a day such as 2027-03-31 (UTC), or a time with its zone such as 2027-03-31T12:00:00Z, after 1970',
  ),
)

const profiles = v.pipe(
  v.array(text),
  v.check((names) => new Set(names).size === names.length, 'must name each profile once'),
)

const filename = v.pipe(
  text,
  v.check(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    (name) => !/[/\\\u0000-\u001f\u007f]/.test(name) && name !== '.' && name !== '..',
    'must be the name of a file, without "/", "\\" and control characters',
  ),
)

/** What an image can be told where, and what can stand in `defaults`. */
const attributes = {
  public: optionalKey(
    v.boolean(),
    'Whether everybody may download the image. Default: as the server has it.',
  ),
  properties: optionalKey(
    properties,
    'Properties to set, one by one over those of a wider place; one with an empty value is removed.',
  ),
  propertiesMode: optionalKey(
    v.picklist(['merge', 'exact']),
    '`exact`: properties that are not named are removed, except those that begin with `hyperkit.`; `merge`: they stay. Default: `merge`.',
  ),
  autoUpdate: optionalKey(
    v.boolean(),
    'Whether the server looks for newer versions itself; without an effect where it knows no source, as for a file. Default: as the server has it.',
  ),
  profiles: optionalKey(
    profiles,
    'Profiles that new instances of the image get, `[]` for none; the order says nothing. Default: as the server has it.',
  ),
  expiresAt: optionalKey(
    expiry,
    'A day (UTC), a time with its zone, or `never`. Default: as the server has it.',
  ),
  keep: optionalKey(
    count,
    'How many versions stay on a server, the current one included. Default: all, or 1 beside `keepDays`.',
  ),
  keepDays: optionalKey(count, 'For how many days a version stays after it was replaced.'),
}

const onOneServer = {
  aliases: optionalKey(
    v.array(alias),
    'More aliases, as texts or as `{ name, description }`. Default: none but the name.',
  ),
  ...attributes,
  filename: optionalKey(
    filename,
    "Name of the file that the server stores when the image is created there; never changed later. Default: the file's own.",
  ),
}

const choice = {
  servers: optionalKey(v.array(text), 'Names of the servers that get the image. Default: all.'),
  serverLabels: optionalKey(labels, 'The servers that get the image: those with all these labels.'),
  allowNoServers: optionalKey(
    v.boolean(),
    'Whether labels that no server has are right, and no mistake. Default: `false`.',
  ),
}

export const imageSchema = v.strictObject({
  name: v.pipe(aliasName, v.description('Name of the image in this manifest, and its first alias.')),
  source: optionalKey(sourceSchema, 'Where the content comes from.'),
  ...onOneServer,
  ...choice,
  overrides: optionalKey(
    v.record(
      text,
      v.pipe(
        v.strictObject(onOneServer),
        v.description('What goes over the image on this server; properties one by one, all else as a whole.'),
      ),
    ),
    'By server: what is different of the image there.',
  ),
  state: optionalKey(
    v.picklist(['present', 'absent']),
    '`absent`: this name and its aliases go, and the image too where this manifest created it. Default: `present`.',
  ),
})

export const defaultsSchema = v.strictObject({ ...attributes, ...choice })

export type WrittenImage = v.InferOutput<typeof imageSchema>
export type WrittenOverride = NonNullable<WrittenImage['overrides']>[string]
/** Which servers get an image. */
export type WrittenChoice = Pick<WrittenImage, keyof typeof choice>

function isAliasName(name: string): boolean {
  return refusalOf(name) === ''
}

function refusalOf(name: string): string {
  try {
    checkAliasName(name)
    return ''
  } catch (error) {
    const sentence = messageOf(error)
    return `cannot be an alias${sentence.slice(sentence.lastIndexOf(': '))}`
  }
}
