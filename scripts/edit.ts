import { type Image, type ImageChanges, isHyperkitError } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import {
  defineScript,
  findImage,
  imageRecord,
  imageWord,
  isUsageError,
  parseYaml,
  renderYaml,
  runIfMain,
  type ScriptTools,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const details = `On a terminal your editor (VISUAL, EDITOR) opens the YAML of the image; otherwise the YAML is read from stdin, and can be what
"show" prints. A field that is left out stays unchanged, but "properties" replaces all of them. Nothing is sent if nothing has changed,
or if the image was changed in the meantime. If your text cannot be used, it is kept in a file.`

const script = defineScript({
  description: 'Edit an image: properties, public, auto-update, expiry, profiles',
  details,
  connects: false,
  args: v.object({ image: imageWord() }),
  examples: [
    'hyperkit edit prod:ubuntu/noble',
    'hyperkit edit alpine < alpine.yaml',
    'hyperkit show alpine | sed s/edge/3.21/ | hyperkit edit alpine',
  ],
  async run({ args, reach, input, signal, ...tools }) {
    const { client, name } = await reach(args.image)
    const image = await findImage(client, name, { signal })
    const send = async (changes: ImageChanges): Promise<void> => {
      if (Object.keys(changes).length === 0)
        return tools.log('Nothing to change: the image has these values already')
      const { fingerprint, etag } = image
      await tools.change(() => client.images.update(fingerprint, changes, { ifMatch: etag, signal }))
    }
    const piped = await input()
    if (piped === undefined) await editDraft(image, client.name, send, { signal, ...tools })
    else await send(await readChanges(piped, 'stdin', image))
  },
})

type Tools = Pick<ScriptTools, 'draft' | 'confirm' | 'signal' | 'log'>

async function editDraft(
  image: Image,
  server: string,
  send: (changes: ImageChanges) => Promise<void>,
  { draft: openDraft, confirm, signal, log }: Tools,
): Promise<void> {
  const head = `# Image ${image.fingerprint} of "${server}".\n# A field that is left out stays unchanged. expires_at 0001-01-01T00:00:00Z means never.\n`
  const original = `${head}${await renderYaml(writable(image))}`
  const draft = await openDraft(original, `${shortFingerprint(image.fingerprint)}.yaml`)
  let text = original
  for (;;) {
    try {
      text = await draft.edit()
      await send(await readChanges(text, draft.path, image))
      return await draft.discard()
    } catch (error) {
      if (text === original) await draft.discard()
      if (signal.aborted || !(error instanceof Error)) {
        if (text !== original) log(`Your text is kept in ${draft.path}`)
        throw error
      }
      // If the image was changed meanwhile, the user has to see the changes first.
      const mayAgain = isUsageError(error) || !isHyperkitError(error, 'precondition-failed')
      if (text !== original && mayAgain && (await confirm(`${error.message}. Edit again?`))) continue
      if (text !== original) error.message += `; your text is kept in "${draft.path}"`
      throw error
    }
  }
}

const never = '0001-01-01T00:00:00Z'

/** The fields that can be edited, in the order of the API. */
function writable(image: Image): Record<string, unknown> {
  return {
    auto_update: image.autoUpdate,
    properties: image.properties,
    public: image.public,
    expires_at: image.expiresAt?.toISOString() ?? never,
    profiles: image.profiles,
  }
}

const yesOrNo = v.pipe(
  v.picklist(['true', 'false'], 'it must be true or false'),
  v.transform((text) => text === 'true'),
)
const date = v.pipe(
  v.string('it must be a date such as 2030-01-31T00:00:00Z'),
  v.check(
    (text) => text === '' || text === 'null' || !Number.isNaN(Date.parse(text)),
    'it must be a date such as 2030-01-31T00:00:00Z',
  ),
  v.transform((text) => (text === '' || text === 'null' || Date.parse(text) <= 0 ? null : new Date(text))),
)
const editedSchema = v.object({
  auto_update: v.optional(yesOrNo),
  properties: v.optional(
    v.record(v.string(), v.string('each value must be a string'), 'it must be a map of strings'),
  ),
  public: v.optional(yesOrNo),
  expires_at: v.optional(date),
  profiles: v.optional(v.array(v.string('each must be a name'), 'it must be a list of names')),
})

/** Fields that change by themselves, or that differ on each server. */
const passing = ['cached', 'created_at', 'last_used_at', 'uploaded_at', 'update_source', 'project']

/** The fields that differ from the image. */
async function readChanges(text: string, shown: string, image: Image): Promise<ImageChanges> {
  const given = await parseYaml(text, shown, { scalars: 'text' })
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new UsageError(`${shown} does not describe an image; give fields such as "properties:"`)
  await refuseOthers(given as Record<string, unknown>, shown, image)
  const result = v.safeParse(editedSchema, given)
  if (!result.success) {
    const [issue] = result.issues
    const path = (issue.path ?? []).map(({ key }) => String(key)).join('.')
    throw new UsageError(`${shown}: "${path}" cannot be ${JSON.stringify(issue.input)}: ${issue.message}`)
  }
  const { auto_update, properties, public: isPublic, expires_at: expires, profiles } = result.output
  const changes: ImageChanges = {}
  if (auto_update !== undefined && auto_update !== image.autoUpdate) changes.autoUpdate = auto_update
  if (isPublic !== undefined && isPublic !== image.public) changes.public = isPublic
  if (properties !== undefined && !isSame(Object.entries(properties), Object.entries(image.properties)))
    changes.properties = properties
  if (expires !== undefined && expires?.getTime() !== image.expiresAt?.getTime()) changes.expiresAt = expires
  if (profiles !== undefined && !isSame(profiles, image.profiles)) changes.profiles = profiles
  return changes
}

/** Accepts fields that cannot be edited only if they are unchanged. */
async function refuseOthers(given: Record<string, unknown>, shown: string, image: Image): Promise<void> {
  const now = (await parseYaml(await renderYaml(imageRecord(image)), shown, { scalars: 'text' })) as Record<
    string,
    unknown
  >
  for (const [key, value] of Object.entries(given)) {
    if (key in editedSchema.entries || passing.includes(key)) continue
    if (!(key in now))
      throw new UsageError(
        `${shown}: there is no field "${key}"; known fields: ${Object.keys(editedSchema.entries).join(', ')}`,
      )
    if (JSON.stringify(value) !== JSON.stringify(now[key]))
      throw new UsageError(
        `${shown}: "${key}" cannot be edited${key === 'aliases' ? '; "alias set" and "alias delete" change aliases' : ''}`,
      )
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}

export default script
await runIfMain(import.meta, script)
