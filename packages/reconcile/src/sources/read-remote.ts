import { type Client, HyperkitError, type Image } from '@hyperkit/core'
import { isWholeFingerprint } from '@hyperkit/core/parts'
import type { RemoteSource } from '../manifest/source.ts'
import { isOfRegistry } from '../ownership/registry-property.ts'
import type { Content, RemoteOrigin } from './content.ts'
import { openRegistries } from './open-registries.ts'
import { findRemote, openRemote, type RemoteServer } from './open-remote.ts'
import { readRegistry } from './read-registry.ts'
import { readStreams } from './read-streams.ts'
import type { SourceContext } from './source-context.ts'

/**
 * Reads which image an alias or the beginning of a fingerprint means on a remote now.
 *
 * @param server the server that should get the image: a name in simplestreams means different images by architecture and kind
 *   of server
 */
export async function readRemote(
  source: RemoteSource,
  server: string,
  context: SourceContext,
): Promise<Content> {
  const { open, signal } = context
  const remote = await findFor(source, server, context)
  const origin = originOf(source, remote)
  const { fingerprint } = source
  if (remote.protocol === 'oci') {
    const { registries = openRegistries(context) } = context
    const client = await open?.(server)
    return readRegistry(source, origin, client && { name: server, client }, { signal, registries })
  }
  // A secret can be used once only, and the download needs it.
  if (remote.access.secret !== undefined && fingerprint !== undefined)
    return { fingerprint, size: null, origin }
  try {
    return remote.protocol === 'simplestreams'
      ? await readStreams(source, origin, await open?.(server), context)
      : await readThere(source, origin, remote, context)
  } catch (error) {
    signal?.throwIfAborted()
    // A full fingerprint needs no lookup, and servers may already have the image.
    if (fingerprint !== undefined && isWholeFingerprint(fingerprint))
      return { fingerprint, size: null, origin }
    throw error
  }
}

/** A remote such as `images` differs by kind of server: LXD and Incus each have an image server of their own. */
async function findFor(
  source: RemoteSource,
  server: string,
  { open, signal }: Pick<SourceContext, 'open' | 'signal'>,
): Promise<RemoteServer> {
  const remote = await findRemote(source)
  if (remote.protocol !== 'simplestreams' || remote.access.remote === undefined) return remote
  // A server that cannot be read is reported when its own state is read.
  const kind = await open?.(server)
    .then((client) => client.server({ signal }))
    .then(
      ({ dialect }) => dialect.kind,
      () => undefined,
    )
  return kind === undefined ? remote : findRemote(source, kind === 'lxd' ? 'lxc' : 'incus')
}

async function readThere(
  source: RemoteSource,
  origin: RemoteOrigin,
  remote: RemoteServer,
  { signal, wrapTransport, maxDocument, keepsNothing }: SourceContext,
): Promise<Content> {
  const client = await openRemote(remote, origin.project, { wrapTransport, maxDocument, keepsNothing })
  try {
    const image = await findThere(client, source, signal)
    const { serial } = image.properties
    const version = serial === undefined || serial === '' ? {} : { serial }
    const ofRegistry = isOfRegistry(image.properties) ? { ofRegistry: true } : {}
    return { fingerprint: image.fingerprint, size: image.size, ...version, ...ofRegistry, origin }
  } finally {
    client.close()
  }
}

function originOf(source: RemoteSource, { server, protocol, access }: RemoteServer): RemoteOrigin {
  const { alias = null, project = null, type = null } = source
  return { kind: 'remote', server, protocol, alias, project, type, access }
}

async function findThere(
  client: Client,
  { alias, fingerprint = '', type }: RemoteSource,
  signal: AbortSignal | undefined,
): Promise<Image> {
  const image =
    alias === undefined
      ? await client.images.get(fingerprint, { signal })
      : await client.images.getByAlias(alias, { signal })
  if (type !== undefined && image.type !== type)
    throw new HyperkitError(
      'not-found',
      `Cannot find a ${type} as ${JSON.stringify(alias ?? fingerprint)} on "${client.name}": it is a ${image.type}`,
      { server: client.name },
    )
  return image
}
