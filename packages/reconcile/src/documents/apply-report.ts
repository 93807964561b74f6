import * as v from 'valibot'
import { errorKey, failureSchema } from './error.ts'
import { imageProblemSchema } from './image-problem.ts'
import { changeSchema } from './plan.ts'
import { rolloutReportSchema } from './rollout.ts'
import { described, manifestKey, serverName, sha256 } from './values.ts'

export const outcomes = ['done', 'failed', 'interrupted', 'skipped'] as const
export const outcomeMeaning =
  '`interrupted`: the run was interrupted in the middle of it; `skipped`: it was not started.'

const changeResultSchema = v.strictObject({
  change: described(changeSchema, 'The change, as the plan has it.'),
  outcome: described(v.picklist(outcomes), outcomeMeaning),
  fingerprint: v.exactOptional(
    described(sha256, 'The fingerprint of the image, if it became known only during the run.'),
  ),
  error: v.exactOptional(described(failureSchema, 'Why the change failed, or why it was not started.')),
  warnings: v.exactOptional(
    described(v.array(v.string()), 'Problems that did not make the change fail, one sentence each.'),
  ),
})

const serverReportSchema = v.strictObject({
  name: serverName,
  status: described(
    v.picklist(['done', 'failed', 'interrupted', 'unread', 'waiting']),
    '`done`: also if there was nothing to change; `unread`: the server could not be read, so nothing was planned there; `waiting`: its wave was not begun, because the rollout is paused.',
  ),
  error: v.exactOptional(described(failureSchema, 'Why the server as a whole failed.')),
  address: v.exactOptional(
    described(
      v.string(),
      'The address that was in use in the end, such as `https://10.1.0.8:8443`, if the server has several and it is not the first one.',
    ),
  ),
  results: described(v.array(changeResultSchema), 'The result of each change, in the order of the plan.'),
  problems: v.exactOptional(
    described(
      v.array(imageProblemSchema),
      'Images for which nothing was planned; the status is then `failed`.',
    ),
  ),
})

/** The result of applying a plan. */
export const applyReportSchema = v.strictObject({
  format: v.literal('hyperkit-apply'),
  version: v.literal(1),
  manifest: manifestKey,
  rollout: v.exactOptional(described(rolloutReportSchema, 'How far the waves came, if the plan has any.')),
  servers: described(v.array(serverReportSchema), 'The result for each server.'),
})

/** What `apply --json` prints. */
export const applyDocumentSchema = v.strictObject({ ...applyReportSchema.entries, error: errorKey })

/** The result of applying a plan; also the document that `apply --json` prints. */
export interface ApplyReport extends v.InferOutput<typeof applyReportSchema> {}

/** The result of applying the plan of one server. */
export interface ServerReport extends v.InferOutput<typeof serverReportSchema> {}

/** The result of one change. */
export interface ChangeResult extends v.InferOutput<typeof changeResultSchema> {}

/** What `apply --json` prints. */
export interface ApplyDocument extends v.InferOutput<typeof applyDocumentSchema> {}
