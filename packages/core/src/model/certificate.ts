import * as v from 'valibot'
import { fingerprintSchema } from './fingerprint-schema.ts'

/** A certificate that a server trusts. */
export interface TrustedCertificate {
  name: string
  type: string
  /** SHA-256 of its DER form, 64 hex. */
  fingerprint: string
  /** PEM. */
  certificate: string
  restricted: boolean
  projects: string[]
}

export const certificateSchema = v.looseObject({
  name: v.optional(v.string(), ''),
  type: v.optional(v.string(), ''),
  fingerprint: fingerprintSchema,
  certificate: v.optional(v.string(), ''),
  restricted: v.optional(v.boolean(), false),
  projects: v.nullish(v.array(v.string())),
})

export function readCertificate(raw: v.InferOutput<typeof certificateSchema>): TrustedCertificate {
  const { name, type, fingerprint, certificate, restricted, projects } = raw
  return { name, type, fingerprint, certificate, restricted, projects: projects ?? [] }
}
