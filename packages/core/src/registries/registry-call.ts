import type { RegistryCredentials } from './registry-place.ts'

/** One request to a registry. */
export interface RegistryCall {
  method: 'GET' | 'HEAD'
  /** Below the origin, beginning with `/v2/`. */
  path: string
  accept?: readonly string[]
  /** What a token must allow: `repository:team/app:pull`. */
  scope: string
  /** `Cannot read image "team/app:1"` */
  action: string
  /** What a 404 means: `it has no such repository or tag`. */
  missing: string
  signal: AbortSignal | undefined
}

/** Why nothing more can be shown to the registry. */
export type Denied =
  | {
      /** It wants credentials and there are `none`; it refused them, or its own token, `again`; or what it wants is `unknown`. */
      denied: 'none' | 'again' | 'unknown'
      credentials: RegistryCredentials | undefined
    }
  | {
      /** The registry redirects to another host, which is shown nothing. */
      denied: 'elsewhere'
      /** Of that host. */
      origin: string
    }
