import { HyperkitError } from '@hyperkit/core'
import type { Manifest } from '@hyperkit/reconcile/parts'
import {
  arrangeHistory,
  type History,
  type ImageHistory,
  imageOn,
  readVersions,
  renderHistory,
  renderHistoryJson,
  type ServerHistory,
} from '@hyperkit/reconcile/parts'
import { nearestName, showText } from '@hyperkit/terminal/text'
import type { CommandContext } from './command-context.ts'
import { askFleet, type FleetOptions, openFleet } from './read-fleet.ts'

export async function historyCommand(
  image: string | undefined,
  options: FleetOptions & { json?: true },
  { console, signal, exitWith }: CommandContext,
): Promise<void> {
  const fleet = await openFleet(options, console)
  const { file, name: owner } = fleet.manifest
  try {
    const answers = await askFleet(fleet, signal, (client) => readVersions(client, signal))
    const all = answers.map(({ server: { name }, answer, error }): ServerHistory => {
      if (answer?.status !== 'read') return { name, error: answer?.error ?? unknown(error), images: [] }
      const { usageHidden } = answer
      const images = arrangeHistory(answer.images, owner)
      return { name, ...(usageHidden === undefined ? {} : { usageHidden }), images }
    })
    const servers = image === undefined ? all : all.map((server) => narrow(server, image))
    if (image !== undefined) refuseUnknown(image, all, fleet.manifest)
    const history: History = {
      format: 'hyperkit-history',
      version: 1,
      manifest: { file, name: owner },
      servers,
    }
    await console.result(options.json ? renderHistoryJson(history) : renderHistory(history, console.paint))
    if (servers.some(({ error }) => error !== undefined)) exitWith(1)
  } finally {
    await fleet.close()
  }
}

function narrow({ images, ...server }: ServerHistory, wanted: string): ServerHistory {
  const isWanted = ({ name, versions }: ImageHistory): boolean =>
    name === wanted || versions.some(({ aliases }) => aliases.includes(wanted))
  return { ...server, images: images.filter(isWanted) }
}

/**
 * A name that neither the manifest nor a server has is a slip; where a server could not be read, nobody can tell.
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
    nearest === undefined ? '"history" without a name lists all' : `did you mean "${showText(nearest)}"?`
  throw new HyperkitError(
    'not-found',
    `Cannot show the history of "${wanted}": no server has versions of such an alias that belong to manifest "${manifest.name}"; ${hint}`,
  )
}

function unknown(error: { code: string; message: string } | undefined): { code: string; message: string } {
  return error ?? { code: 'unexpected', message: 'it was not read' }
}
