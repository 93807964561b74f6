import type { ServerContext } from '../call/context.ts'
import type { CreationSource } from '../creation/creation.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'
import { DaemonCrash } from '../operations/operations.ts'
import { connectRemote } from '../remote/connect-remote.ts'
import { resolveRegistryImage } from './resolve-registry-image.ts'
import { resolveServerImage } from './resolve-server-image.ts'
import { resolveSimplestreamsImage } from './resolve-simplestreams-image.ts'
import type { ResolvedImage } from './resolved-image.ts'

type PullSource = Pick<
  CreationSource,
  'server' | 'protocol' | 'alias' | 'fingerprint' | 'certificate' | 'secret' | 'imageType' | 'project'
>

/** Finds the image that a `source` of type `image` names. */
export async function resolveSource(
  { dialect, authorities }: ServerContext,
  source: PullSource,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const protocol = source.protocol === '' ? defaultProtocol(dialect) : source.protocol
  // The fingerprint takes precedence; both are looked up as an alias first.
  const name = source.fingerprint === '' ? source.alias : source.fingerprint
  if (name === '') throw new Error('must specify one of alias or fingerprint for init from image')
  if (!dialect.pullProtocols.includes(protocol)) throw new Error(fill(dialect.unknownProtocol, protocol))
  if (protocol === 'simplestreams') {
    return resolveSimplestreamsImage(dialect, source.server, name, source.imageType, signal)
  }
  if (protocol === 'oci') {
    const { server, imageType } = source
    return resolveRegistryImage({ server, name, imageType, authorities, signal })
  }
  if (source.server === '') refuseEmptyServer(dialect, name)
  const { server, certificate } = source
  const remote = await connectRemote({
    dialect,
    server,
    certificate,
    signal,
    asksFirst: dialect.asksSourceFirst,
  }).catch((error: Error) => {
    throw new Error(`${fill(dialect.connectFailure, server)}${error.message}`, { cause: error })
  })
  return resolveServerImage(remote, { ...source, name }, dialect.namesOtherType)
}

/** Default of `source.protocol`. */
export function defaultProtocol({ pullProtocols }: Dialect): string {
  return pullProtocols[0] ?? ''
}

/** T33. */
function refuseEmptyServer({ emptyServer }: Dialect, name: string): void {
  const isFingerprint = /^[0-9a-f]{64}$/.test(name)
  if (emptyServer === 'crashes' || (emptyServer === 'crashes-on-fingerprint' && isFingerprint))
    throw new DaemonCrash('nil pointer')
  if (emptyServer === 'crashes-on-fingerprint') throw new Error('Invalid image fingerprint')
}
