import * as v from 'valibot'
import { changeSchema } from './plan.ts'
import { count, manifestKey, nullableText } from './values.ts'

const texts = v.array(v.string())
const stateSchema = v.picklist(['in-sync', 'absent', 'planned', 'done', 'failed', 'skipped', 'unknown'])
const state = v.pipe(stateSchema, v.description('`unknown`: the server could not be read.'))
const action = v.picklist(changeSchema.options.map((option) => option.entries.action.literal))

const summarySchema = v.strictObject({
  servers: count,
  serversInSync: count,
  serversUnread: count,
  changes: count,
  changesDone: count,
  changesNotDone: v.pipe(count, v.description('Failed, interrupted and skipped ones.')),
  bytes: v.pipe(count, v.description('Of what goes to servers, planned or, after an apply, done.')),
})

const cellSchema = v.strictObject({ image: v.string(), state })

const changeOfReportSchema = v.strictObject({
  image: v.string(),
  action,
  fingerprint: v.string(),
  title: v.pipe(v.string(), v.description('Such as `upload image ubuntu/noble`.')),
  detail: v.string(),
  why: v.string(),
  state,
  error: nullableText,
  warnings: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      v.description('What went wrong although its image is there; left out if nothing did.'),
    ),
  ),
  fields: v.array(v.strictObject({ name: v.string(), value: v.string() })),
})

const serverSchema = v.strictObject({
  name: v.string(),
  kind: v.pipe(nullableText, v.description('Such as `lxd 5.0.2`; null if the server could not be read.')),
  state,
  error: nullableText,
  cells: v.pipe(
    v.array(cellSchema),
    v.description('The images that the server shall have, or shall have no more.'),
  ),
  changes: v.array(changeOfReportSchema),
})

/** The file that `--report FILE.json` writes. */
export const runReportSchema = v.strictObject({
  format: v.literal('hyperkit-report'),
  version: v.literal(1),
  run: v.picklist(['plan', 'apply']),
  at: v.pipe(v.string(), v.description('RFC 3339.')),
  manifest: manifestKey,
  summary: summarySchema,
  images: v.pipe(texts, v.description("Names of the manifest's images, in its order.")),
  servers: v.array(serverSchema),
  refusals: v.pipe(v.array(v.string()), v.description('Why nothing was done.')),
})

/** What a run found, planned and did, for people who were not there; itself the document of `--report FILE.json`. */
export interface RunReport extends v.InferOutput<typeof runReportSchema> {}

/** The numbers of a report. */
export interface ReportSummary extends v.InferOutput<typeof summarySchema> {}

/** One server of a report. */
export interface ReportedServer extends v.InferOutput<typeof serverSchema> {}

/** An image on a server that wants it, or wants it gone. */
export interface ReportedCell extends v.InferOutput<typeof cellSchema> {}

/** `unknown`: the server could not be read. */
export type CellState = v.InferOutput<typeof stateSchema>

/** One change of a report. */
export interface ReportedChange extends v.InferOutput<typeof changeOfReportSchema> {}
