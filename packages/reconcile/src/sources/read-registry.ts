import { ArgumentError, type Client, supports, UnsupportedError } from '@hyperkit/core'
import type { RemoteSource } from '../manifest/source.ts'
import type { Content, RemoteOrigin } from './content.ts'
import { openSourceRegistry } from './open-remote.ts'
import type { SourceContext } from './source-context.ts'

/**
 * Reads which image a name means in a registry, for the architecture of a target server. The fingerprint is the one that the server will
 * give it: that of its layers.
 *
 * @param target undefined if the image should be the same for all servers
 */
export async function readRegistry(
  { alias, fingerprint, remote, type }: RemoteSource,
  origin: RemoteOrigin,
  target: Client | undefined,
  { signal, ...open }: Pick<SourceContext, 'signal' | 'wrapTransport' | 'keepsNothing'>,
): Promise<Content> {
  if (alias === undefined || type === 'virtual-machine')
    throw new ArgumentError(
      alias === undefined ? 'fingerprint' : 'type',
      alias === undefined
        ? `Cannot read image ${fingerprint} of "${remote}": it is a registry, which knows its images by tags and digests; use "alias"`
        : `Cannot read image ${JSON.stringify(alias)} of "${remote}" as a virtual machine: images of registries are of containers only`,
    )
  const server = await target?.server({ signal })
  if (target !== undefined && server !== undefined && supports(server, 'instance_oci') === false)
    throw new UnsupportedError(
      `Cannot download image ${JSON.stringify(alias)} of "${remote}" to "${target.name}": this ${server.dialect.kind === 'lxd' ? 'LXD' : 'Incus'}${server.version === undefined ? '' : ` ${server.version}`} lacks the API extension "instance_oci"; use a server of Incus 7.0, as no LXD and no older Incus downloads from registries of OCI images`,
      { server: target.name, extension: 'instance_oci' },
    )
  const registry = await openSourceRegistry(origin, open)
  const image = await registry.resolve(alias, { architecture: server?.architectures[0], signal })
  return {
    fingerprint: image.fingerprint,
    size: image.size,
    serial: image.digest,
    origin: { ...origin, pinned: image.pinned },
  }
}
