import { ArgumentError, type Client } from '@hyperkit/core'
import { requireRegistries } from '@hyperkit/core/parts'
import type { RemoteSource } from '../manifest/source.ts'
import type { Content, RemoteOrigin } from './content.ts'
import type { OpenRegistries } from './open-registries.ts'
import type { SourceContext } from './source-context.ts'

/**
 * Reads which image a name means in a registry, for the architecture of a target server. The fingerprint is the one that the server will
 * give it: that of its layers.
 *
 * @param target undefined if the image should be the same for all servers
 */
export async function readRegistry(
  source: RemoteSource,
  origin: RemoteOrigin,
  target: { name: string; client: Client } | undefined,
  { signal, registries }: Pick<SourceContext, 'signal'> & { registries: OpenRegistries },
): Promise<Content> {
  const alias = nameOf(source)
  const what = `download image ${JSON.stringify(alias)} of "${source.remote}"`
  const server = target && (await readTarget(target, what, signal))
  const registry = await registries(origin)
  const image = await registry.resolve(alias, { server, signal })
  return {
    fingerprint: image.fingerprint,
    size: image.size,
    serial: image.digest,
    ofRegistry: true,
    origin: { ...origin, pinned: image.pinned },
  }
}

/** @throws {UnsupportedError} if the server cannot download from registries */
async function readTarget(
  { name, client }: { name: string; client: Client },
  what: string,
  signal: AbortSignal | undefined,
): Promise<{ name: string; architectures: readonly string[] }> {
  const info = await client.server({ signal })
  requireRegistries(info, name, `${what} to "${name}"`)
  return { name, architectures: info.architectures }
}

/** @throws {ArgumentError} for what a manifest cannot know of a remote that the user's own configuration names */
function nameOf({ alias, fingerprint, remote, type, secret }: RemoteSource): string {
  if (alias === undefined)
    throw new ArgumentError(
      'fingerprint',
      `Cannot read image ${fingerprint} of "${remote}": it is a registry, which knows its images by tags and digests; write "alias", such as "library/alpine:3.20" or "library/alpine@sha256:…", instead of "fingerprint"${secret === undefined ? '' : ' and the secret'}`,
    )
  if (type === 'virtual-machine')
    throw new ArgumentError(
      'type',
      `Cannot read image ${JSON.stringify(alias)} of "${remote}" as a virtual machine: images of registries are of containers only`,
    )
  return alias
}
