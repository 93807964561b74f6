import * as v from 'valibot'
import type { Dialect } from './dialect.ts'

/** What `GET /1.0` says. An untrusted client learns less: no version, no certificate, no addresses. */
export interface ServerInfo {
  dialect: Dialect
  /** For example `5.0.2`; undefined for an untrusted client. */
  version: string | undefined
  /**
   * The API extensions of the server; undefined if unknown, because Incus 7.0 and newer list none for strangers. `supports()` checks for
   * one.
   */
  apiExtensions: ReadonlySet<string> | undefined
  /** Whether the server trusts this client. Others may only read what is public. */
  trusted: boolean
  /** The server's certificate, PEM. */
  certificate: string | undefined
  /** SHA-256 of the certificate, 64 hex. */
  certificateFingerprint: string | undefined
  /** The name of the server, or of the member of a cluster that answered; by default its host name. */
  serverName: string | undefined
  /** Whether it is a member of a cluster; undefined if it does not say so, as to an untrusted client. */
  clustered: boolean | undefined
  /** The addresses that the API listens on, each as `host:port`. */
  addresses: string[]
  /** The architectures that it can run, its own first, by the kernel's names: `x86_64`, `i686`. */
  architectures: string[]
  /** The project of calls that do not name one. */
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
      server_name: v.optional(v.string()),
      server_clustered: v.optional(v.boolean()),
      addresses: v.nullish(v.array(v.string())),
      architectures: v.nullish(v.array(v.string())),
      project: v.optional(v.string()),
    }),
  ),
})
