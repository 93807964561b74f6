import type { ServerInfo } from '../model/server-info.ts'
import { refuseExtension } from './require-extension.ts'

/** The extension of the API that a server needs to download from registries of OCI images. */
export const registryExtension = 'instance_oci'

/** What to use instead of a server that lacks it. */
export const withoutRegistries =
  'use a server of Incus 7.0, as no LXD and no older Incus downloads from registries of OCI images'

/**
 * Makes sure that a server can download from registries.
 *
 * @param what `download image "library/alpine:3.20" of "docker"`
 * @throws {UnsupportedError}
 */
export function requireRegistries(server: ServerInfo, name: string, what: string): void {
  refuseExtension(server, registryExtension, { name, what, instead: withoutRegistries })
}
