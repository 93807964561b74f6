import * as v from 'valibot'
import { changeSchema } from '../plan/plan-schema.ts'
import type { RunReport } from './run-report.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const state = v.picklist(['in-sync', 'absent', 'planned', 'done', 'failed', 'skipped', 'unknown'])
const action = v.picklist(changeSchema.options.map((option) => option.entries.action.literal))

/** The file that `--report FILE.json` writes. */
export const runReportSchema = v.strictObject({
  format: v.literal('hyperkit-report'),
  version: v.literal(1),
  run: v.picklist(['plan', 'apply']),
  at: v.string(),
  manifest: v.strictObject({ file: v.string(), name: v.string() }),
  summary: v.strictObject({
    servers: count,
    serversInSync: count,
    serversUnread: count,
    changes: count,
    changesDone: count,
    changesNotDone: count,
    bytes: count,
  }),
  images: v.array(v.string()),
  servers: v.array(
    v.strictObject({
      name: v.string(),
      kind: v.nullable(v.string()),
      state,
      error: v.nullable(v.string()),
      cells: v.array(v.strictObject({ image: v.string(), state })),
      changes: v.array(
        v.strictObject({
          image: v.string(),
          action,
          fingerprint: v.string(),
          title: v.string(),
          detail: v.string(),
          why: v.string(),
          state,
          error: v.nullable(v.string()),
          warnings: v.exactOptional(v.array(v.string())),
          fields: v.array(v.strictObject({ name: v.string(), value: v.string() })),
        }),
      ),
    }),
  ),
  refusals: v.array(v.string()),
}) satisfies v.GenericSchema<unknown, RunReport>
