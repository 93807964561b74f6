import {
  type ExportedManifest,
  type ExportManifestOptions,
  exportManifest,
  type LeftOut,
  type Manifest,
} from '@hyperkit/reconcile'
import { countThings, showName } from '@hyperkit/reconcile/parts'
import { formatBytes, showText } from '@hyperkit/terminal/text'
import { chooseExported, type ExportedChoice } from './choose-exported.ts'
import type { CommandContext } from './command-context.ts'

export interface ExportOptions extends ExportedChoice {
  name?: string
  out?: string
  withFiles?: string
  force?: true
}

/** Writes what servers have as a manifest, with the images themselves where that is asked for. */
export async function exportCommand(
  aliases: readonly string[],
  options: ExportOptions,
  context: CommandContext,
): Promise<void> {
  const { console, signal, wrapTransport } = context
  const { name, out, withFiles, force } = options
  const chosen = await chooseExported(options)
  console.hide(chosen.secrets)
  const exported = await exportManifest(chosen, {
    signal,
    wrapTransport,
    name,
    aliases,
    out,
    withFiles,
    force,
    ...showSaving(context),
  })
  if (exported.out === undefined) await console.result(exported.text)
  else await console.error(`Wrote ${countThings(exported.images, 'image')} to "${exported.out}"`)
  await tellNotes(exported, chosen, context)
}

function showSaving({ console }: CommandContext): Pick<ExportManifestOptions, 'onProgress' | 'onSaved'> {
  return {
    onProgress({ name }, server, bytes, total) {
      const whole = total === undefined ? '' : ` of ${formatBytes(total)}`
      console.live([`${server}: saving ${showName(name)}, ${formatBytes(bytes)}${whole}`])
    },
    async onSaved({ name }, { received, size }) {
      const how = received === 0 ? 'is there already' : 'saved'
      await console.error(`${showName(name)}: ${how}, ${formatBytes(size)}`)
    },
  }
}

async function tellNotes(
  { name, leftOut, owners }: ExportedManifest,
  { servers }: Pick<Manifest, 'servers'>,
  { console }: CommandContext,
): Promise<void> {
  if (owners.includes(name))
    await console.error(
      `Note: manifest "${name}" owns images there already; a plan may find marks of it that are missing`,
    )
  for (const server of servers)
    if (server.reach.kind === 'url' && server.reach.token?.kind === 'text')
      await console.error(`Note: the token of server "${server.name}" is a secret, and was left out`)
  const [first] = leftOut
  if (first !== undefined)
    await console.error(
      `Note: the manifest ends with a list of what it cannot say: ${showText(tell(first))}${leftOut.length > 1 ? `, and ${leftOut.length - 1} more` : ''}`,
    )
}

function tell({ server, what, why }: LeftOut): string {
  return `${server}: ${what}: ${why}`
}
