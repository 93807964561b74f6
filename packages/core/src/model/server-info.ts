import * as v from 'valibot'
import type { Dialect } from './dialect.ts'

/** What `GET /1.0` tells. An untrusted client is told less: no version, no certificate, no addresses. */
export interface ServerInfo {
  dialect: Dialect
  /** Such as `5.0.2`; undefined for an untrusted client. */
  version: string | undefined
  /**
   * What it can do beyond the API of its first version, by the names of the API; undefined where that is unknown: Incus 7.0
   * and newer tell strangers none. `supports()` asks for one.
   */
  apiExtensions: ReadonlySet<string> | undefined
  /** Whether this client may do more than read what is public. */
  trusted: boolean
  /** The server's certificate, PEM. */
  certificate: string | undefined
  /** SHA-256 of the certificate, 64 hex. */
  certificateFingerprint: string | undefined
  /** `host:port` each, where the API listens. */
  addresses: string[]
  /** What it runs, in the kernel's words, its own first: `x86_64`, `i686`. */
  architectures: string[]
  /** The project that calls without one go to. */
  project: string | undefined
}

export const serverSchema = v.looseObject({
  api_extensions: v.nullish(v.array(v.string())),
  api_version: v.optional(v.string()),
  auth: v.optional(v.string(), 'untrusted'),
  environment: v.nullish(
    v.looseObject({
      server: v.optional(v.string()),
      server_version: v.optional(v.string()),
      certificate: v.optional(v.string()),
      certificate_fingerprint: v.optional(v.string()),
      addresses: v.nullish(v.array(v.string())),
      architectures: v.nullish(v.array(v.string())),
      project: v.optional(v.string()),
    }),
  ),
})
