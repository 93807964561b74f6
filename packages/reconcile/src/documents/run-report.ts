import * as v from 'valibot'
import { changeSchema } from './plan.ts'
import { count, described, imageName, manifestKey, nullableText, serverName } from './values.ts'

const texts = v.array(v.string())
const stateSchema = v.picklist([
  'in-sync',
  'absent',
  'planned',
  'done',
  'failed',
  'skipped',
  'waiting',
  'unknown',
])
const state = described(
  stateSchema,
  '`unknown`: the server could not be read; `waiting`: it is left to the next pass of a watch, because an earlier pass still works on a server that it needs.',
)
const action = v.picklist(changeSchema.options.map((option) => option.entries.action.literal))

const summarySchema = v.strictObject({
  servers: described(count, 'Servers of the manifest.'),
  serversInSync: described(count, 'Servers that match the manifest.'),
  serversUnread: described(count, 'Servers that could not be read.'),
  changes: described(count, 'Changes of the plan.'),
  changesDone: described(count, 'Changes that were carried out.'),
  changesNotDone: described(count, 'Changes that failed, were interrupted or were skipped.'),
  changesWaiting: v.exactOptional(
    described(count, 'Changes that are left to the next pass of a watch; left out if there are none.'),
  ),
  bytes: described(
    count,
    'Bytes that servers get: of a plan, all of them; after an apply, those that arrived.',
  ),
})

const cellSchema = v.strictObject({ image: imageName, state })

const changeOfReportSchema = v.strictObject({
  image: imageName,
  action: described(action, 'The kind of change, as in a plan.'),
  fingerprint: described(v.string(), 'The fingerprint of the image, as in a plan.'),
  title: described(v.string(), 'Such as `upload image ubuntu/noble`.'),
  detail: described(
    v.string(),
    'Details of the change: a size and a fingerprint, or the values before and after.',
  ),
  why: described(v.string(), 'Why the plan has this change.'),
  state,
  error: described(
    nullableText,
    'Why it failed, why it was not started, or what it waits for; null if none of these.',
  ),
  warnings: v.exactOptional(
    described(texts, 'Problems that did not make the change fail; left out if there are none.'),
  ),
  fields: described(
    v.array(
      v.strictObject({
        name: described(v.string(), 'The name of the attribute.'),
        value: described(v.string(), 'Its value before and after, as a text for people.'),
      }),
    ),
    'The attributes of the image that are set.',
  ),
})

const serverSchema = v.strictObject({
  name: serverName,
  kind: described(nullableText, 'Such as `lxd 5.0.2`; null if the server could not be read.'),
  state,
  error: described(nullableText, 'Why the server could not be read, or failed as a whole; null if neither.'),
  cells: described(
    v.array(cellSchema),
    'The images that the manifest wants on the server, or declares absent.',
  ),
  changes: described(v.array(changeOfReportSchema), 'The changes on this server, in the order of the plan.'),
})

const waveSchema = v.strictObject({
  wave: described(count, 'Its number: its place in `rollout.waves` of the manifest, from 1.'),
  servers: described(texts, 'Its servers, as far as the run is about them.'),
  state: described(
    stateSchema,
    '`skipped`: it was not begun, because the rollout is paused; `unknown`: a server could not be read.',
  ),
  error: described(nullableText, 'Why it failed; null if it did not.'),
})

/** The file that `--report FILE.json` writes. */
export const runReportSchema = v.strictObject({
  format: v.literal('hyperkit-report'),
  version: v.literal(1),
  run: described(v.picklist(['plan', 'apply']), 'Whether the changes were only planned.'),
  at: described(v.string(), 'When the report was made; RFC 3339.'),
  manifest: manifestKey,
  summary: described(summarySchema, 'The numbers, over all servers.'),
  images: described(texts, "Names of the manifest's images, in its order."),
  servers: described(v.array(serverSchema), 'What was found and done on each server.'),
  waves: v.exactOptional(
    described(v.array(waveSchema), 'The waves of the rollout, if the manifest has one.'),
  ),
  refusals: described(texts, 'Why nothing was done; empty if the plan was not refused.'),
})

/** What a run found, planned and did; also the document of `--report FILE.json`. */
export interface RunReport extends v.InferOutput<typeof runReportSchema> {}

/** The numbers of a report. */
export interface ReportSummary extends v.InferOutput<typeof summarySchema> {}

/** One server of a report. */
export interface ReportedServer extends v.InferOutput<typeof serverSchema> {}

/** An image on a server that should have it, or should no longer have it. */
export interface ReportedCell extends v.InferOutput<typeof cellSchema> {}

/** The state of an image on a server, of a change or of a server; `unknown`: the server could not be read; `waiting`: left to the next pass. */
export type CellState = v.InferOutput<typeof stateSchema>

/** A wave of a report. */
export interface WaveOfReport extends v.InferOutput<typeof waveSchema> {}

/** One change of a report. */
export interface ReportedChange extends v.InferOutput<typeof changeOfReportSchema> {}
