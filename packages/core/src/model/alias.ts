import * as v from 'valibot'
import { fingerprintSchema } from './fingerprint-schema.ts'

/** A name for an image, within a project. */
export interface Alias {
  name: string
  description: string
  /** Fingerprint, 64 hex. */
  target: string
  /** `container` or `virtual-machine`, like its image. */
  type: string
  /** Only of a single read. It covers every field, and the server compares it atomically. */
  etag: string | undefined
}

export const aliasSchema = v.looseObject({
  name: v.string(),
  description: v.optional(v.string(), ''),
  target: fingerprintSchema,
  type: v.optional(v.string(), ''),
})

export function readAlias(raw: v.InferOutput<typeof aliasSchema>, etag?: string): Alias {
  return { name: raw.name, description: raw.description, target: raw.target, type: raw.type, etag }
}
