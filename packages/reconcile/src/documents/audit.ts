import * as v from 'valibot'
import { outcomeMeaning, outcomes } from './apply-report.ts'
import { failureSchema } from './error.ts'
import { changeSchema } from './plan.ts'
import { count, described, imageName, serverName } from './values.ts'

const actions = [
  ...changeSchema.options.map((option) => option.entries.action.literal),
  'release-lock',
] as const

const state = v.strictObject({
  fingerprint: v.exactOptional(
    described(v.string(), 'The fingerprint of the image; left out until a published image has one.'),
  ),
  attributes: v.exactOptional(
    described(
      v.record(v.string(), v.nullable(v.union([v.string(), v.boolean(), v.array(v.string())]))),
      'The attributes that change, by name; properties as `properties.NAME`. Null if there is no value, or if it is not known.',
    ),
  ),
  target: v.exactOptional(
    described(
      v.string(),
      'The fingerprint that the alias points at; left out until a published image has one.',
    ),
  ),
  description: v.exactOptional(described(v.string(), 'The description of the alias.')),
  aliases: v.exactOptional(
    described(v.array(v.string()), 'The aliases of an image that is deleted, which are removed with it.'),
  ),
  holder: v.exactOptional(described(v.string(), 'Whoever holds the lock, as `user@host`.')),
})

/** One line that `--audit` writes: before a change, and after it. */
export const auditSchema = v.strictObject({
  format: v.literal('hyperkit-audit'),
  version: v.literal(1),
  time: described(v.string(), 'When the line was written, by the clock of this machine; RFC 3339.'),
  event: described(
    v.picklist(['begun', 'ended']),
    '`begun`: the change is about to be made; `ended`: it was made, or was not. A `begun` without `ended` is a run that was killed.',
  ),
  outcome: v.exactOptional(described(v.picklist(outcomes), `Only for \`ended\`. ${outcomeMeaning}`)),
  run: described(v.string(), 'Different for each run; a watch has one for each pass.'),
  command: described(v.string(), 'The command, or the function of the library.'),
  user: described(v.string(), 'Who ran it, as `user@host`, as far as the environment says.'),
  uid: v.exactOptional(
    described(count, 'The number of this user on the host; left out where there is none.'),
  ),
  manifest: described(v.string(), 'The `name` of the manifest.'),
  server: serverName,
  action: described(
    v.picklist(actions),
    'The kind of change, as in a plan; or `release-lock`, of `force-unlock`.',
  ),
  image: v.exactOptional(imageName),
  alias: v.exactOptional(described(v.string(), 'The alias, if the change is about one.')),
  from: described(v.nullable(state), 'What the plan saw; null if there was nothing.'),
  to: described(v.nullable(state), 'What the change makes; null if it removes something.'),
  error: v.exactOptional(described(failureSchema, 'Why the change was not made.')),
})

/** One line that `--audit` writes: before a change, and after it. */
export interface AuditLine extends v.InferOutput<typeof auditSchema> {}
