import { readVersions } from '../observed/read-versions.ts'
import { arrangeHistory, type History, type ServerHistory } from '../plan/history.ts'
import { renderHistory, renderHistoryJson } from '../render/render-history.ts'
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
    const servers = answers.map(({ server: { name }, answer, error }): ServerHistory => {
      if (answer?.status !== 'read') return { name, error: answer?.error ?? unknown(error), images: [] }
      const images = arrangeHistory(answer.images, owner)
      return {
        name,
        images: images.filter(
          (each) =>
            image === undefined ||
            each.name === image ||
            each.versions.some(({ aliases }) => aliases.includes(image)),
        ),
      }
    })
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

function unknown(error: { code: string; message: string } | undefined): { code: string; message: string } {
  return error ?? { code: 'unexpected', message: 'it was not read' }
}
