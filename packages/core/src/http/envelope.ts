import * as v from 'valibot'
import { tameWords } from '../model/hide-secrets.ts'

/** The keys of every answer. Which of them count depends on `type`, never on the HTTP status. */
export const envelopeSchema = v.variant('type', [
  v.looseObject({ type: v.literal('sync'), metadata: v.unknown() }),
  v.looseObject({ type: v.literal('async'), operation: v.string(), metadata: v.unknown() }),
  v.looseObject({
    type: v.literal('error'),
    error: v.optional(v.pipe(v.string(), v.transform(tameWords)), ''),
    error_code: v.optional(v.number(), 0),
  }),
])

export type Envelope = v.InferOutput<typeof envelopeSchema>
