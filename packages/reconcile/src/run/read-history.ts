import { HyperkitError } from '@hyperkit/core'
import { nearestName, showText } from '@hyperkit/terminal/text'
import type { Failure } from '../documents/error.ts'
import type { History, ImageHistory, ServerHistory } from '../documents/history.ts'
import { imageOn } from '../manifest/image-on.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { readVersions } from '../observed/read-versions.ts'
import { arrangeHistory } from '../plan/history.ts'
import { type AskServersOptions, askServers, chooseServers } from './ask-servers.ts'
import { openOnce } from './connections.ts'
import { normalizeRun, type RunOptions } from './run-options.ts'

/** Options of {@link readHistory}. */
export interface ReadHistoryOptions extends RunOptions {
  /** An image by its name in the manifest, or by an alias that one of its versions has. @default all */
  image?: string | undefined
  /** Names of servers, or labels such as `tier=edge`. @default all */
  servers?: readonly string[] | undefined
}

/**
 * Reads which versions of a manifest's images each server has, the newest upload first. A server that cannot be read becomes an
 * entry with the reason. Sources are not read.
 *
 * @throws {HyperkitError} `not-found` for an image that neither the manifest nor a server has, `invalid-argument` for a server
 *   that the manifest does not declare
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const { servers } = await readHistory(manifest)
 * for (const { name, images } of servers)
 *   for (const image of images) console.log(name, image.name, image.versions.length)
 * ```
 */
export async function readHistory(
  manifest: Manifest,
  { image, servers, ...options }: ReadHistoryOptions = {},
): Promise<History> {
  const { file, name } = manifest
  const { open, close } = openOnce(manifest, { onSwitch: options.onNote, ...options })
  const all = await readServers(manifest, servers, { ...normalizeRun(options), open }).finally(close)
  if (image !== undefined) refuseUnknown(image, all, manifest)
  return {
    format: 'hyperkit-history',
    version: 1,
    manifest: { file, name },
    servers: image === undefined ? all : all.map((server) => narrow(server, image)),
  }
}

async function readServers(
  manifest: Manifest,
  names: readonly string[] | undefined,
  asking: AskServersOptions,
): Promise<ServerHistory[]> {
  const answers = await askServers(chooseServers(manifest, names), asking, (client) =>
    readVersions(client, asking.signal),
  )
  return answers.map(({ server: { name }, answer, error }) => {
    if (answer?.status !== 'read') return { name, error: answer?.error ?? unknown(error), images: [] }
    const { usageHidden } = answer
    const images = arrangeHistory(answer.images, manifest.name)
    return { name, ...(usageHidden === undefined ? {} : { usageHidden }), images }
  })
}

function narrow({ images, ...server }: ServerHistory, wanted: string): ServerHistory {
  const isWanted = ({ name, versions }: ImageHistory): boolean =>
    name === wanted || versions.some(({ aliases }) => aliases.includes(wanted))
  return { ...server, images: images.filter(isWanted) }
}

/**
 * Refuses a name that neither the manifest nor a server has. If a server could not be read, that one may have it.
 *
 * @throws {HyperkitError} `not-found`
 */
function refuseUnknown(wanted: string, servers: readonly ServerHistory[], manifest: Manifest): void {
  const known = new Set([
    ...manifest.images.flatMap((image) => [
      image.name,
      ...image.servers.flatMap((server) =>
        (image.state === 'present' ? imageOn(image, server) : image).aliases.map(({ name }) => name),
      ),
    ]),
    ...servers.flatMap(({ images }) =>
      images.flatMap(({ name, versions }) => [name, ...versions.flatMap(({ aliases }) => aliases)]),
    ),
  ])
  if (known.has(wanted) || servers.some(({ error }) => error !== undefined)) return
  const nearest = nearestName(wanted, [...known])
  const hint =
    nearest === undefined
      ? 'run "history" without a name to list all'
      : `did you mean "${showText(nearest)}"?`
  throw new HyperkitError(
    'not-found',
    `Cannot show the history of "${wanted}": no server has versions of it that belong to manifest "${manifest.name}"; ${hint}`,
  )
}

function unknown(error: Failure | undefined): Failure {
  return error ?? { code: 'unexpected', message: 'the server was not read' }
}
