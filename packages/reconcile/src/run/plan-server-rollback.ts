import type { Client } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import type { PlannedServer } from '../documents/plan.ts'
import { imageOn } from '../manifest/image-on.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { ObservedAlias } from '../observed/observed.ts'
import { readVersions } from '../observed/read-versions.ts'
import { planAliasRollback } from '../plan/plan-alias-rollback.ts'
import type { FoundRollback } from '../plan/spare-behind.ts'

/** Options of {@link planServerRollback}. */
export interface ServerRollbackOptions {
  manifest: Manifest
  server: string
  alias: string
  /** The image whose aliases are all moved back, instead of the one alias. */
  image: string | undefined
  to: string | null
  signal: AbortSignal
}

/** What a rollback found on one server, or why it does nothing there. */
export type ServerRollback = { why: string } | { planned: PlannedServer; found: FoundRollback[] }

/** Plans to move an alias of a server back, or all aliases of an image; the changes are those of `found`. */
export async function planServerRollback(
  client: Client,
  options: ServerRollbackOptions,
): Promise<ServerRollback> {
  const { manifest, server, image, to, signal } = options
  const { dialect, version } = await client.server({ signal })
  const aliases = await findAliases(client, options)
  if ('why' in aliases) return aliases
  const versions = await readVersions(client, signal)
  if (versions.status === 'unread') return { why: versions.error.message }
  const found = aliases.aliases.map((alias): FoundRollback => {
    const { name, target } = alias
    const request = {
      owner: manifest.name,
      image: image ?? findImage(manifest, server, name),
      to: to ?? undefined,
    }
    return { server, alias: name, target, result: planAliasRollback(alias, versions.images, request) }
  })
  const planned: PlannedServer = {
    status: 'planned',
    name: server,
    dialect: dialect.kind,
    serverVersion: version ?? null,
    changes: [],
    inSync: 0,
  }
  return { planned, found }
}

/** The aliases that a manifest gives an image on a server. */
export function aliasesOf({ images }: Manifest, server: string, name: string): string[] {
  return images
    .filter((image) => image.name === name && image.servers.includes(server))
    .flatMap((image) => (image.state === 'present' ? imageOn(image, server) : image).aliases)
    .map((alias) => alias.name)
}

/** The aliases to move back, or why there are none. An alias of an image that does not exist is left to the next apply. */
async function findAliases(
  client: Client,
  { manifest, server, alias, image, signal }: ServerRollbackOptions,
): Promise<{ aliases: ObservedAlias[] } | { why: string }> {
  const names = image === undefined ? [alias] : aliasesOf(manifest, server, image)
  if (names.length === 0) return { why: 'the manifest does not have it there' }
  const found = await Promise.all(names.map((name) => client.aliases.find(name, { signal })))
  const aliases = found.filter((each) => each !== undefined)
  if (aliases.length > 0) return { aliases }
  return { why: image === undefined ? explainAbsence(manifest, server, alias) : 'none of its aliases exists' }
}

function explainAbsence(manifest: Manifest, server: string, alias: string): string {
  const known = manifest.images.flatMap(({ name }) => aliasesOf(manifest, server, name))
  const nearest = known.includes(alias) ? undefined : nearestName(alias, known)
  return `the alias does not exist${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`
}

/** The name in the manifest of the image that has an alias on a server. */
function findImage(manifest: Manifest, server: string, alias: string): string | undefined {
  return manifest.images.find(({ name }) => aliasesOf(manifest, server, name).includes(alias))?.name
}
