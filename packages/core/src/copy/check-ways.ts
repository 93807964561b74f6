import { UnsupportedError } from '../errors/errors.ts'
import { requireRegistries } from '../http/require-registries.ts'
import type { ServerInfo } from '../model/server-info.ts'
import type { CopyImageOptions } from './copy-options.ts'
import type { CopySource, SourceImage } from './copy-source.ts'

interface Target {
  name: string
  server: ServerInfo
  /** What the caller asked for. */
  reference: string
  mode: CopyImageOptions['mode']
}

/**
 * Refuses, before anything is sent, a copy that an image of a registry does not allow: any mode but pull, and any target but an Incus
 * server, which for a download from the registry itself needs `instance_oci`.
 *
 * @throws {UnsupportedError}
 */
export function checkWays(from: CopySource, image: SourceImage, target: Target): void {
  const why = from.pullsOnly?.(image)
  if (why === undefined) return
  const { name, server, reference, mode = 'auto' } = target
  const what = `copy image ${JSON.stringify(reference)} of "${from.name}" to "${name}"`
  const action = `Cannot ${what}`
  if (mode !== 'auto' && mode !== 'pull')
    throw new UnsupportedError(
      `${action} by ${mode}: ${why}; leave out the mode, so that the target downloads it`,
      {
        server: name,
      },
    )
  const version = server.version === undefined ? '' : ` ${server.version}`
  if (image.pinned !== undefined) requireRegistries(server, name, what)
  if (image.pinned === undefined && server.dialect.kind === 'lxd')
    throw new UnsupportedError(
      `${action}: ${why}, and this LXD${version} accepts no such image; use a server of Incus`,
      { server: name },
    )
}
