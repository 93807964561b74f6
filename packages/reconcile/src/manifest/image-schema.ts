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
      'What the alias is for. Default: an existing alias keeps its description.',
    ),
  }),
])

const propertyKey = v.pipe(
  text,
  v.check(
    (key) => !key.startsWith('hyperkit.'),
    'is reserved: properties that begin with "hyperkit." mark who owns an image',
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
    'must be "never", a date after 1970 such as 2027-03-31 (UTC), or a time with a zone such as 2027-03-31T12:00:00Z',
  ),
)

const profiles = v.pipe(
  v.array(text),
  v.check((names) => new Set(names).size === names.length, 'must list each profile only once'),
)

const filename = v.pipe(
  text,
  v.check(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    (name) => !/[/\\\u0000-\u001f\u007f]/.test(name) && name !== '.' && name !== '..',
    'must be the name of a file, without "/", "\\" or control characters',
  ),
)

/** What an image, an override and `defaults` can all set. */
const attributes = {
  public: optionalKey(v.boolean(), 'Whether anybody may download the image. Default: unchanged.'),
  properties: optionalKey(
    properties,
    'Properties to set. They are merged one by one: overrides take precedence over the image, and the image over the defaults. An empty value removes a property.',
  ),
  propertiesMode: optionalKey(
    v.picklist(['merge', 'exact']),
    'What happens to properties that are not listed: `merge` keeps them; `exact` removes them, except those that begin with `hyperkit.`. Default: `merge`.',
  ),
  autoUpdate: optionalKey(
    v.boolean(),
    'Whether the server refreshes the image from its source by itself; no effect on an image without a source, such as one from a file. Default: unchanged.',
  ),
  profiles: optionalKey(
    profiles,
    'Profiles that new instances of the image get, in any order; `[]` for none. Default: unchanged.',
  ),
  expiresAt: optionalKey(
    expiry,
    'When the image expires: a date (UTC), a time with a zone, or `never`. Default: unchanged.',
  ),
  keep: optionalKey(
    count,
    'How many versions a server keeps, including the current one. Default: all, or 1 if `keepDays` is set.',
  ),
  keepDays: optionalKey(count, 'For how many days a server keeps a version after it was replaced.'),
}

const onOneServer = {
  aliases: optionalKey(
    v.array(alias),
    'Further aliases, as strings or as `{ name, description }`. Default: only the name.',
  ),
  ...attributes,
  filename: optionalKey(
    filename,
    "File name that the server stores when the image is created; it never changes later. Default: the file's own name.",
  ),
}

const choice = {
  servers: optionalKey(v.array(text), 'Names of the servers that get the image. Default: all servers.'),
  serverLabels: optionalKey(labels, 'Labels of the servers that get the image: those that have all of them.'),
  allowNoServers: optionalKey(
    v.boolean(),
    'Accepts `serverLabels` that no server has, instead of reporting a mistake. Default: `false`.',
  ),
}

export const imageSchema = v.strictObject({
  name: v.pipe(
    aliasName,
    v.description('Name of the image in this manifest, which is also its first alias.'),
  ),
  source: optionalKey(sourceSchema, 'Where the content of the image comes from.'),
  ...onOneServer,
  ...choice,
  overrides: optionalKey(
    v.record(
      text,
      v.pipe(
        v.strictObject(onOneServer),
        v.description(
          'What this server overrides. Properties are merged one by one; every other key is replaced as a whole.',
        ),
      ),
    ),
    'Differences on single servers, by server name.',
  ),
  state: optionalKey(
    v.picklist(['present', 'absent']),
    '`absent` removes this name and its aliases, and also the image if this manifest created it. Default: `present`.',
  ),
})

export const defaultsSchema = v.strictObject({ ...attributes, ...choice })

export type WrittenImage = v.InferOutput<typeof imageSchema>
export type WrittenOverride = NonNullable<WrittenImage['overrides']>[string]
/** The keys that choose which servers get an image. */
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
