import { resolve } from 'node:path'
import type { Position } from './position.ts'
import type { Path } from './read-value.ts'
import type { Source, SourceSecret } from './source.ts'
import type { WrittenSource } from './source-schema.ts'

interface Context {
  /** Absolute. */
  folder: string
  where(path: Path): Position
}

/** Resolves a checked source: paths are made absolute, and its kind made explicit. */
export function normalizeSource(source: WrittenSource, path: Path, { folder, where }: Context): Source {
  const { file, metadata = '', rootfs = '', type, sha256, alias, fingerprint, server, project } = source
  const at = where(path)
  const absolute = (given: string | undefined): string | undefined => given && resolve(folder, given)
  if (file !== undefined) return { kind: 'file', file: resolve(folder, file), sha256, at }
  if (source.remote !== undefined) {
    const { remote, protocol } = source
    const serverCertificate = absolute(source.serverCertificate)
    const named = { alias, fingerprint, project, type }
    return {
      kind: 'remote',
      remote,
      protocol,
      ...named,
      secret: secretOf(source, folder),
      serverCertificate,
      at,
    }
  }
  if (source.url !== undefined)
    return { kind: 'url', url: source.url, sha256, insecure: source.insecure ?? false, at }
  if (source.instance !== undefined) {
    const { instance, snapshot, compression, format } = source
    return { kind: 'instance', instance, snapshot, server, compression, format, at }
  }
  if (server !== undefined) return { kind: 'server', server, alias, fingerprint, at }
  if (fingerprint !== undefined) return { kind: 'fingerprint', fingerprint, at }
  const [first, second] = [resolve(folder, metadata), resolve(folder, rootfs)]
  return { kind: 'split', metadata: first, rootfs: second, type, sha256, at }
}

function secretOf({ secret, secretFile }: WrittenSource, folder: string): SourceSecret | undefined {
  if (secret !== undefined) return { kind: 'text', text: secret }
  return secretFile === undefined ? undefined : { kind: 'file', file: resolve(folder, secretFile) }
}
